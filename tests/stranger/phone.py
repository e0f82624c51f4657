"""A client of `POST /v1/enroll` and `POST /v1/sync`: seals, sends, verifies before it believes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from link import Link
from records import (
    PARK_REASONS, VERDICTS, Anchor, Change, Log, Stamp, body, cover_digest, mono_ms, now_ms, rows_form, stamp,
)  # fmt: skip
from wire import (
    BATCH, CHECKPOINT, ENROLL, KEYS, RECEIPT, VERSION, Answer, Cbor, Key, answer_of, cbor, deflate, frame_digests,
    framed, holds, inflate, key_name, scope_sum, sha256, told, uncbor,
)  # fmt: skip

PAGE_BYTES = 1024 * 1024
APP = "stranger/1"


class BadReceipt(Exception):
    """The answer does not hold; nothing of it was believed."""


@dataclass
class Batch:
    """A sealed batch: what is sent again byte for byte until it is settled."""

    header: list[bytes]
    body: bytes
    changes: list[Change]
    nonce: int
    begun: tuple[int, int]
    """Wall and monotonic clock when the header was first sent."""

    @property
    def request(self) -> bytes:
        return framed(b"GFB1", self.header, self.body)

    def going_on(self, have: bytes = b"", from_frame: int | None = None) -> bytes:
        """`GFC1`: so much of the answer is here, and the body from this frame on."""
        part = told(k0=VERSION, k1=len(have), k2=sha256(have) if have else None, k3=from_frame)
        rest = b"" if from_frame is None else self.body[from_frame * 8192 :]
        return framed(b"GFC1", [self.header, part], rest)


@dataclass
class Told:
    """What one answer said, once it was verified."""

    verdicts: dict[int, str]
    receipt: Cbor
    checkpoint: Cbor
    page: Cbor
    notices: list[Cbor]
    signer: bytes


@dataclass
class Phone:
    """One enrolled vault."""

    link: Link
    key: Key = field(default_factory=Key)
    device: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    epoch: int = field(default_factory=lambda: secrets.randbits(64))
    boot: int = field(default_factory=lambda: secrets.randbits(64))
    worker: bytes = b""
    incarnation: bytes = b""
    signing_keys: list[bytes] = field(default_factory=list)
    """Trusted keys of the platform, the newest first."""
    sealing_key: bytes = b""
    keys_told: bool = False
    cursor: int = 0
    whole_to: int = 0
    """Feed position up to which everything was here when a round last ended."""
    cursor_at_ms: int | None = None
    rows: dict[tuple[int, bytes], tuple[int, bytes]] = field(default_factory=dict)
    """What the platform told: (kind, id) to (revision, body)."""
    anchor: Anchor | None = None
    grant: str = ""
    forms: int = 0

    def __post_init__(self) -> None:
        self.log = Log(self.device, self.epoch)
        self.unsent: list[Change] = []
        self.parked: dict[int, str] = {}

    # Enrolment

    def enrolment(self, code: str, nonce: int) -> bytes:
        asked = told(
            k0=VERSION, k1=code, k2=self.device, k3=bytes(16), k4="生人一号", k5=self.key.public, k6="linux", k7=APP, k8=nonce,
        )  # fmt: skip
        return b"GFE1" + cbor(self.key.signed(ENROLL, asked))

    def enroll(self, code: str) -> Cbor:
        nonce = secrets.randbits(64)
        answer = self._post("/v1/enroll", self.enrolment(code, nonce))
        said: Cbor = uncbor(answer.rest)
        if answer.mark != b"GFN1" or said[9] != nonce:
            raise BadReceipt("an enrolment answer to somebody else")
        self.worker, self.incarnation = said[1], said[5]
        self.signing_keys, self.sealing_key, self.keys_told = [said[6]], said[7], False
        return said

    # Recording

    def stamp(self) -> Stamp:
        return stamp(now_ms(), mono_ms(), self.boot, self.anchor)

    def record(self, lane: str, lane_id: bytes, kind: str, fact: Cbor) -> Change:
        change = self.log.add(lane, lane_id, kind, body(self.stamp(), fact))
        self.unsent.append(change)
        return change

    # Exchange

    def beacon(self) -> Cbor:
        return told(k0=len(self.unsent), k1=len(self.parked), k2=0, k3=APP)

    def header(self, packed: bytes, nonce: int, page_bytes: int, head: list[Any], inline: bytes | None) -> Cbor:
        names = b"".join(key_name(key) for key in self.signing_keys)
        return told(
            k0=VERSION, k1=self.device, k2=self.epoch, k3=head, k4=self.incarnation or None, k5=self.cursor,
            k6=page_bytes, k7=len(packed), k8=frame_digests(packed), k9=nonce, k10=self.beacon(), k11=self.cursor_at_ms,
            k12=inline, k13=names if self.keys_told else None, k14=key_name(self.sealing_key) if self.keys_told else None,
            k15=self.cursor - self.whole_to,
        )  # fmt: skip

    def seal(
        self, changes: list[Change], page_bytes: int = PAGE_BYTES, packed: bytes | None = None, inline: bool = False
    ) -> Batch:
        """Signs a batch of these changes, in form 1 unless it is packed already."""
        if packed is None:
            packed = deflate(rows_form(changes)) if changes else b""
        inside, behind = (packed, b"") if inline else (None, packed)
        nonce = secrets.randbits(64)
        header = self.header(behind, nonce, page_bytes, self.log.head, inside)
        return Batch(self.key.signed(BATCH, header), behind, changes, nonce, (now_ms(), mono_ms()))

    def exchange(self, batch: Batch) -> Told:
        """Sends a batch, verifies what comes back, and settles it."""
        answer = self._post("/v1/sync", batch.request)
        if answer.mark != b"GFR1":
            raise BadReceipt(f"{answer.mark!r} in place of an answer")
        return self.believe(batch, answer.rest)

    def sync(self, page_bytes: int = PAGE_BYTES) -> list[Told]:
        """Pushes what is unsent, and pulls to the end of the feed."""
        answers = [self.exchange(self.seal(list(self.unsent), page_bytes))]
        while answers[-1].page[3]:
            answers.append(self.exchange(self.seal([], page_bytes)))
        return answers

    def believe(self, batch: Batch, packed: bytes) -> Told:
        """What an answer says, after signature, device, epoch, nonce and digest hold; then settles everything."""
        said: Cbor = uncbor(inflate(packed))
        trusted, sealing, notices = self._notices(said.get(4) or [])
        signer = next((key for key in trusted if holds(key, RECEIPT, said[1])), None)
        if signer is None:
            raise BadReceipt("the receipt is signed by no key that is trusted")
        receipt, page = uncbor(said[1][0]), said[2]
        if (receipt[0], receipt[1], receipt[6]) != (self.device, self.epoch, batch.nonce):
            raise BadReceipt("a receipt for somebody else, or for another request")
        verdicts, reasons = ranges(receipt[2])
        covered = [change for change in batch.changes if verdicts.get(change.seq) in ("accepted", "duplicate", "parked")]
        if receipt[3] != cover_digest(covered) or set(verdicts) - {change.seq for change in batch.changes}:
            raise BadReceipt("the receipt does not cover what was sent")
        if not holds(signer, CHECKPOINT, page[4]):
            raise BadReceipt("the checkpoint is not signed by the key of the receipt")
        checkpoint = uncbor(page[4][0])
        if (checkpoint[3], checkpoint[4], checkpoint[2]) != (self.device, self.epoch, receipt[4]):
            raise BadReceipt("a checkpoint of another log or store")
        self._settle(batch, receipt, verdicts, reasons)
        if notices:
            self.signing_keys, self.sealing_key, self.keys_told = trusted, sealing, True
        self._apply(page, receipt[5])
        self.grant = said[3]
        return Told(verdicts | reasons, receipt, checkpoint, page, notices, signer)

    def _settle(self, batch: Batch, receipt: Cbor, verdicts: dict[int, str], reasons: dict[int, str]) -> None:
        settled = {seq for seq, verdict in verdicts.items() if verdict != "try_later"}
        self.unsent = [change for change in self.unsent if change.seq not in settled]
        for seq in settled:
            self.parked.pop(seq, None)
        self.parked |= reasons
        self.incarnation, self.forms = receipt[4], receipt.get(7, 0)
        wall, mono = batch.begun
        half = max(0, mono_ms() - mono) // 2
        self.anchor = Anchor(receipt[5], mono + half, half, self.boot, wall + half)

    def _apply(self, page: Cbor, server_ms: int) -> None:
        for row in page[1]:
            name = (row[0], row[1])
            if 4 in row:
                if name in self.rows:
                    self.rows[name] = (row[2], cbor(moved(uncbor(self.rows[name][1]), row[4])))
            elif row[3]:
                self.rows[name] = (row[2], row[3])
            else:
                self.rows.pop(name, None)
        self.cursor, self.cursor_at_ms = page[2], server_ms
        if not page[3]:
            self.whole_to = self.cursor

    def _notices(self, notices: list[list[bytes]]) -> tuple[list[bytes], bytes, list[Cbor]]:
        """What is trusted once the notices were taken in, in their order; one that does not hold is passed over."""
        trusted, sealing, held = list(self.signing_keys), self.sealing_key, []
        for signed in notices:
            if not trusted or not holds(trusted[0], KEYS, signed):
                continue
            notice: Cbor = uncbor(signed[0])
            held.append(notice)
            if notice[1] == 2:
                sealing = notice[0]
            elif 3 in notice:
                trusted = [key for key in trusted if key != notice[0]]
            elif notice[0] not in trusted:
                trusted.insert(0, notice[0])
        return trusted, sealing, held

    def scope(self) -> list[list[Any]]:
        """Count and sum of each kind of row that is here."""
        kinds = sorted({kind for kind, _ in self.rows})
        held = {kind: [(kind, name, rev) for (of, name), (rev, _) in self.rows.items() if of == kind] for kind in kinds}
        return [[kind, len(held[kind]), scope_sum(held[kind])] for kind in kinds]

    def tasks(self) -> dict[bytes, Cbor]:
        """The tasks that are here, read."""
        return {name: uncbor(data) for (kind, name), (_, data) in self.rows.items() if kind == 1}

    def _post(self, path: str, data: bytes) -> Answer:
        reply = self.link.post(path, data)
        return answer_of(reply.status, reply.headers, reply.body)


def ranges(listed: list[list[int]]) -> tuple[dict[int, str], dict[int, str]]:
    """The verdict on each position, and the reasons of those that were parked."""
    verdicts, reasons = {}, {}
    for low, high, verdict, *reason in listed:
        for seq in range(low, high + 1):
            verdicts[seq] = VERDICTS.get(verdict, "try_later")
            if verdict == 3:
                reasons[seq] = PARK_REASONS.get(reason[0], f"code_{reason[0]}") if reason else "code_0"
    return verdicts, reasons


def moved(task: Cbor, said: list[Any]) -> Cbor:
    """The row of a task with what moved in place of what it said."""
    keys = (5, 9, 10, 11, 12, 13)
    values = dict(zip(keys, said, strict=False))
    merged = task | {key: values.get(key) for key in keys}
    return {key: merged[key] for key in sorted(merged) if merged[key] is not None}
