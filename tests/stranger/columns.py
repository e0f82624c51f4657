"""Batch bodies of forms 2 and 3: columns under zstd (docs/sync.md §5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from records import Change, Lane, leb, zigzag

LEAVES_MAX = 262_144
DICTIONARY_BELOW = 32 * 1024


@dataclass
class Taken:
    """An item taken apart: what is the same in alike ones, its numbers, its strings."""

    skeleton: bytearray = field(default_factory=bytearray)
    numbers: list[int] = field(default_factory=list)
    strings: list[bytes] = field(default_factory=list)


class NotAlike(ValueError):
    """What columns do not hold: the body travels as it is."""


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Major type, argument and where the next byte stands; in the shortest form only."""
    major, low = data[at] >> 5, data[at] & 0x1F
    if low < 24:
        return major, low, at + 1
    if low > 27:
        raise NotAlike
    width = 1 << (low - 24)
    raw = data[at + 1 : at + 1 + width]
    value = int.from_bytes(raw, "big")
    if len(raw) < width or value < (24, 0x100, 0x1_0000, 0x1_0000_0000)[low - 24]:
        raise NotAlike
    return major, value, at + 1 + width


def _take(data: bytes, at: int, into: Taken, levels: int) -> int:
    if levels == 0 or at >= len(data):
        raise NotAlike
    if data[at] in (0xF4, 0xF5, 0xF6):
        into.skeleton.append(data[at])
        return at + 1
    major, value, behind = _head(data, at)
    if major in (0, 1):
        into.skeleton.append(0x1C if major == 0 else 0x3C)
        into.numbers.append(value)
        return behind
    if major in (2, 3):
        if behind + value > len(data):
            raise NotAlike
        into.skeleton.append(0x5C if major == 2 else 0x7C)
        into.strings.append(data[behind : behind + value])
        return behind + value
    if major not in (4, 5) or value >= 24:
        raise NotAlike
    into.skeleton.append(data[at])
    at = behind
    for _ in range(value):
        if major == 5:
            if at >= len(data) or data[at] >= 24:
                raise NotAlike
            into.skeleton.append(data[at])
            at += 1
        at = _take(data, at, into, levels - 1)
    return at


def take_apart(body: bytes) -> list[Taken] | None:
    """Stamp and fact of a body taken apart; None for one that travels as it is."""
    if body[:1] != b"\x82":
        return None
    at, items = 1, [Taken(), Taken()]
    try:
        for item in items:
            at = _take(body, at, item, 8)
    except NotAlike:
        return None
    return items if at == len(body) else None


def write(changes: list[Change]) -> bytes:
    """The columns of a batch, before zstd."""
    out = bytearray(leb(len(changes)))
    before = 0
    for change in changes:
        out += leb(zigzag(change.seq - before - 1))
        before = change.seq
    lanes, last, places, distances = list[Lane](), dict[Lane, int](), bytearray(), bytearray()
    for change in changes:
        met = change.lane in lanes
        places += leb(lanes.index(change.lane) + 1 if met else 0)
        if not met:
            lanes.append(change.lane)
        expected = last.get(change.lane, 0)
        distances += leb(0 if change.prev_in_lane == expected else change.seq - change.prev_in_lane)
        last[change.lane] = change.seq
    out += places + distances
    out += b"".join(leb(kind) for kind, _ in lanes) + b"".join(name for _, name in lanes)
    out += b"".join(leb(change.kind) for change in changes) + b"".join(leb(change.schema) for change in changes)
    return bytes(out + _bodies(changes))


def _bodies(changes: list[Change]) -> bytes:
    codes, skeletons, as_they_are, leaves = bytearray(), dict[bytes, list[Taken]](), list[bytes](), 0
    numbers_of = list(skeletons)
    for change in changes:
        items = take_apart(change.body)
        size = sum(len(item.numbers) + len(item.strings) for item in items or [])
        if items is None or leaves + size > LEAVES_MAX:
            codes += leb(1)
            as_they_are.append(change.body)
            continue
        leaves += size
        for item in items:
            name = bytes(item.skeleton)
            codes += leb(2 + numbers_of.index(name) if name in skeletons else 0)
            if name not in skeletons:
                numbers_of.append(name)
            skeletons.setdefault(name, []).append(item)
    out = codes + b"".join(leb(len(name)) + name for name in skeletons)
    earlier: list[list[int]] = []
    for items in skeletons.values():
        for index in range(len(items[0].numbers)):
            column = [item.numbers[index] for item in items]
            out += _numbers(column, earlier)
            earlier.append(column)
    for items in skeletons.values():
        for index in range(len(items[0].strings)):
            out += _strings([item.strings[index] for item in items])
    return bytes(out + _strings(as_they_are))


def _numbers(column: list[int], earlier: list[list[int]]) -> bytes:
    """The shortest of all ways to write a column."""

    def differences(first: int) -> bytes:
        pairs = zip([first, *column], column, strict=False)
        return b"".join(leb(zigzag(_signed(value - before))) for before, value in pairs)

    ways = [leb(0) + b"".join(map(leb, column)), leb(1) + differences(0)]
    ways += [leb(2 + number) + differences(other[0]) for number, other in enumerate(earlier)]
    return min(ways, key=len)


def _signed(difference: int) -> int:
    """Modulo 2^64, as a number with a sign."""
    return (difference + (1 << 63)) % (1 << 64) - (1 << 63)


def _strings(column: list[bytes]) -> bytes:
    return b"".join(leb(len(text)) for text in column) + b"".join(column)


def pack(changes: list[Change], dictionary: Path) -> bytes:
    """A batch body of form 3, or of form 2 when its columns are long."""
    columns = write(changes)
    if len(columns) >= DICTIONARY_BELOW:
        return b"\x02" + zstandard.ZstdCompressor(level=3).compress(columns)[4:]
    shared = zstandard.ZstdCompressionDict(dictionary.read_bytes())
    return b"\x03" + zstandard.ZstdCompressor(level=3, dict_data=shared, write_dict_id=False).compress(columns)[4:]
