"""What a change says: lanes, kinds, stamps and bodies (docs/records.md)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from wire import Cbor, big, cbor, sha256, told

SCHEMA = 1
LANES = {"task": 1, "case": 2, "urgent": 3, "patrol": 4, "track": 5, "count": 6}
KINDS = {
    "task_accepted": 1, "task_arrived": 2, "report_submitted": 3, "extension_requested": 4, "patrol_started": 10,
    "checkpoint_visited": 11, "observed": 12, "patrol_paused": 13, "patrol_resumed": 14, "patrol_ended": 15, "track_segment": 16,
    "counted": 20, "case_reported": 30, "urgent_started": 40, "urgent_milestone": 41,
}
VERDICTS = {1: "accepted", 2: "duplicate", 3: "parked", 4: "try_later"}
PARK_REASONS = {
    1: "unknown_task", 2: "conflict", 3: "unreadable", 4: "not_holder", 5: "too_large", 6: "newer_format",
    7: "lane_gap", 8: "revoked", 9: "posting_ended",
}
STATUSES = {
    1: "assigned", 2: "accepted", 3: "on_site", 4: "submitted", 5: "rework", 6: "suspended", 7: "escalated",
    8: "returned", 9: "recalled", 10: "voided", 11: "closed",
}

Lane = tuple[int, bytes]
Stamp = list[Any]
Point = list[int]


@dataclass(frozen=True)
class Anchor:
    """The last platform time this phone knows."""

    server_ms: int
    mono_ms: int
    width_ms: int
    boot: int
    wall_ms: int

    def wire(self) -> list[int]:
        return [self.server_ms, self.mono_ms, self.width_ms, self.boot, self.wall_ms]


def now_ms() -> int:
    """This machine's wall clock."""
    return time.time_ns() // 1_000_000


def mono_ms() -> int:
    """This machine's clock since boot."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def stamp(wall_ms: int, mono: int, boot: int, anchor: Anchor | None) -> Stamp:
    """What the clocks said; without an anchor the list has three members."""
    return [wall_ms, mono, boot] + ([anchor.wire()] if anchor else [])


def body(when: Stamp, fact: Cbor) -> bytes:
    """The immutable bytes of a change."""
    return cbor([when, fact])


def attachment(digest: bytes, role: int, mime: str, size: int, taken_at_ms: int, point: Point | None = None) -> Cbor:
    return told(k0=digest, k1=role, k2=mime, k3=size, k4=taken_at_ms, k5=point)


def report(version: int, result: int, measures: list[int], narrative: str, files: list[Cbor]) -> Cbor:
    return told(k0=version, k1=result, k2=measures, k3=narrative, k4=1, k6=False, k8=files)


def patrol_started(patrol_type: int, transport: int, post: str, point: Point | None = None) -> Cbor:
    return told(k0=patrol_type, k1=transport, k2=post, k3=point)


def visited(checkpoint: str, proof: int, point: Point | None, reason: int | None) -> Cbor:
    return told(k0=checkpoint, k1=proof, k2=point, k3=reason)


def observed(kind: int, note: str) -> Cbor:
    return told(k0=kind, k1=note, k3=[])


def counted(kind: int, value: int, post: str, patrol: bytes | None = None, reason: str | None = None) -> Cbor:
    return told(k0=kind, k1=value, k2=post, k3=patrol, k4=reason)


def case_reported(kind: int, title: str, description: str, place: str, dispute: Cbor | None) -> Cbor:
    return told(k0=kind, k1=title, k2=description, k3=place, k5=dispute, k6=[])


def dispute(kind: int, scale: int, people: int, parties: list[tuple[int, str]]) -> Cbor:
    return told(k0=kind, k1=scale, k2=people, k3=[told(k0=role, k1=label) for role, label in parties])


def urgent_started(title: str, place: str, point: Point | None = None) -> Cbor:
    return told(k0=title, k1=place, k2=point)


def leb(value: int) -> bytes:
    """Groups of seven bits, the lowest first, all but the last with the high bit."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> int:
    """`d` as `2d`, `-d` as `2d - 1`."""
    return 2 * value if value >= 0 else -2 * value - 1


@dataclass(frozen=True)
class Fix:
    """One position of a patrol."""

    at_ms: int
    lat_e7: int
    lon_e7: int
    accuracy_dm: int
    speed_cms: int


def segment(first: int, fixes: list[Fix]) -> Cbor:
    """A stretch of fixes: five columns, each as differences from 0."""
    columns = bytearray()
    for name in ("at_ms", "lat_e7", "lon_e7", "accuracy_dm", "speed_cms"):
        last = 0
        for fix in fixes:
            value: int = getattr(fix, name)
            columns += leb(zigzag(value - last))
            last = value
    return told(k0=first, k1=len(fixes), k2=bytes(columns))


@dataclass(frozen=True)
class Change:
    """One fact at its place in a log."""

    seq: int
    lane: Lane
    prev_in_lane: int
    kind: int
    body: bytes
    schema: int = SCHEMA

    def link(self, before: bytes) -> bytes:
        """The chain behind this change."""
        return sha256(
            before, big(self.seq, 8), big(self.lane[0], 2), self.lane[1], big(self.prev_in_lane, 8),
            big(self.kind, 2), big(self.schema, 2), sha256(self.body),
        )  # fmt: skip


def chain_start(device: bytes, epoch: int) -> bytes:
    """The chain before the first change."""
    return sha256(b"grid-chain-v1\0", device, big(epoch, 8))


def rows_form(changes: list[Change]) -> bytes:
    """A batch body of form 1 before zstd."""
    lanes: list[Lane] = []
    rows = []
    for change in changes:
        if change.lane not in lanes:
            lanes.append(change.lane)
        back = change.seq - change.prev_in_lane if change.prev_in_lane else 0
        rows.append([change.seq, lanes.index(change.lane), back, change.kind, change.schema, change.body])
    return cbor({0: [list(lane) for lane in lanes], 1: rows})


def cover_digest(changes: list[Change]) -> bytes:
    """What a receipt's digest must be when it covers exactly these."""
    ascending = sorted(changes, key=lambda change: change.seq)
    return sha256(b"grid-cover-v1\0", *(big(c.seq, 8) + sha256(c.body) for c in ascending))


class Log:
    """A device's log of one epoch, with its chain."""

    def __init__(self, device: bytes, epoch: int) -> None:
        self.device, self.epoch = device, epoch
        self.changes: list[Change] = []
        self.links = [chain_start(device, epoch)]
        self._last: dict[Lane, int] = {}

    def add(self, lane: str, lane_id: bytes, kind: str, data: bytes) -> Change:
        """Appends a change behind the last one of its lane."""
        key = (LANES[lane], lane_id)
        change = Change(len(self.changes) + 1, key, self._last.get(key, 0), KINDS[kind], data)
        self._last[key] = change.seq
        self.changes.append(change)
        self.links.append(change.link(self.links[-1]))
        return change

    @property
    def head(self) -> list[Any]:
        """`[seq, h]`."""
        return [len(self.changes), self.links[-1]]
