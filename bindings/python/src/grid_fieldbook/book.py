"""The field book: one worker's durable record in one folder."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Optional, Type, Union

from . import grid_ffi as ffi
from .callbacks import Call, Progress, carrier, clock_of, keys_of, listener
from .errors import WRONG_TYPE, InvalidInputError, told
from .session import SyncSession
from .types import (
    AttachmentDraft,
    BornCase,
    Budget,
    CancelToken,
    CaseDraft,
    CaseView,
    Check,
    CountDraft,
    EnrollOutcome,
    FixDraft,
    FixOutcome,
    Found,
    HostClock,
    KeptAttachment,
    KeyVault,
    Network,
    ObservationDraft,
    PatrolDraft,
    PatrolView,
    PhoneDraft,
    PlatformAddress,
    Position,
    PostView,
    RecordView,
    ReportDraft,
    SavedRecord,
    StartedPatrol,
    SyncPlan,
    SyncReport,
    TallyView,
    TaskView,
    Transport,
    UrgentDraft,
    VaultStatus,
    VisitDraft,
    WaitingView,
)

# How many of a list come unless told otherwise.
PAGE = 100
# More bytes than that the library cannot be handed in one piece.
CONTENT_BYTES_MAX = 2**31 - 1 - 1024


class FieldBook:
    """One worker's durable record. Share one object between threads; `with` closes it at the end.

    A call that records something returns only when it is durable. A callback (progress, clock, transport) may look into the
    book and not record. Ctrl-C breaks a `sync` or `enroll` off at its next step.
    """

    def __init__(self, book: ffi.FieldBook) -> None:
        """Made by `open`."""
        self._book = book

    @classmethod
    def open(
        cls, folder: Union[str, Path], key_vault: KeyVault, clock: Optional[HostClock] = None
    ) -> FieldBook:
        """Opens the vault in `folder`, or makes a new one there. Without `clock` the system's clocks are used."""
        with told:
            return cls(ffi.FieldBook.open(os.fspath(folder), keys_of(key_vault), clock_of(clock)))

    def __enter__(self) -> FieldBook:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    # Opening and closing.

    def close(self) -> None:
        """Closes. Returns when no lock is held and every fix is durable; later calls raise `ClosedError`."""
        with told:
            self._book.close()

    def reopen(self) -> None:
        """Opens again after `close`, with the key that is still in memory."""
        with told:
            self._book.reopen()

    def suspend(self) -> None:
        """Lets go of every lock and file; the next call takes them up again."""
        with told:
            self._book.suspend()

    # Looking.

    def status(self) -> VaultStatus:
        """How this vault stands."""
        with told:
            return self._book.status()

    def tasks(self, open_only: bool = True, limit: int = PAGE) -> list[TaskView]:
        """Tasks by due time; open ones only, or all that are here."""
        with told:
            return self._book.tasks(open_only, limit)

    def task(self, task: str) -> TaskView:
        """One task, by its id."""
        with told:
            return self._book.task(task)

    def posts(self) -> list[PostView]:
        """The posts and checkpoints that are known here, by code."""
        with told:
            return self._book.posts()

    def patrol(self, patrol: str) -> PatrolView:
        """One patrol, by its id."""
        with told:
            return self._book.patrol(patrol)

    def patrols(self, limit: int = PAGE) -> list[PatrolView]:
        """Patrols, the newest first."""
        with told:
            return self._book.patrols(limit)

    def cases(self, limit: int = PAGE) -> list[CaseView]:
        """Cases born here, the newest first."""
        with told:
            return self._book.cases(limit)

    def records(self, before: int = 0, limit: int = PAGE) -> list[RecordView]:
        """Own records, the newest first, before position `before`; 0 begins with the newest."""
        with told:
            return self._book.records(before, limit)

    def parked(self, limit: int = PAGE) -> list[RecordView]:
        """Records that the platform sent back, the newest first."""
        with told:
            return self._book.parked(limit)

    def waiting(self, limit: int = PAGE) -> list[WaitingView]:
        """Everything that the platform has not got or has sent back, each with its cause; at most `limit` records and photos."""
        with told:
            return self._book.waiting(limit)

    def export(self, seq: int) -> bytes:
        """A record as a file sealed to the platform, for a person to carry."""
        with told:
            return self._book.export(seq)

    def search(self, text: str) -> Found:
        """Tasks and own records that hold `text`."""
        with told:
            return self._book.search(text)

    def tally_today(self) -> list[TallyView]:
        """Today's counters."""
        with told:
            return self._book.tally_today()

    def self_check(self) -> list[Check]:
        """Checks database, chain, second copy, photos, space, key, enrolment, outbox and clock. May take seconds."""
        with told:
            return self._book.self_check()

    def support_bundle(self) -> bytes:
        """What a support desk needs to judge this vault, without a word of what it holds, sealed to the platform."""
        with told:
            return self._book.support_bundle()

    # Recording: durable before return.

    def count(self, draft: CountDraft) -> SavedRecord:
        """Adds a step to a counter."""
        with told:
            return self._book.count(draft)

    def start_patrol(self, draft: PatrolDraft) -> StartedPatrol:
        """Starts a patrol."""
        with told:
            return self._book.start_patrol(draft)

    def record_fix(self, patrol: str, draft: FixDraft) -> FixOutcome:
        """Records one fix of a running patrol; durable within 15 seconds."""
        with told:
            return self._book.record_fix(patrol, draft)

    def flush_fixes(self) -> None:
        """Makes the fixes durable now."""
        with told:
            self._book.flush_fixes()

    def visit(self, patrol: str, draft: VisitDraft) -> SavedRecord:
        """Records a checkpoint visit."""
        with told:
            return self._book.visit(patrol, draft)

    def observe(self, patrol: str, draft: ObservationDraft) -> SavedRecord:
        """Records something seen on patrol."""
        with told:
            return self._book.observe(patrol, draft)

    def pause_patrol(self, patrol: str) -> SavedRecord:
        """Pauses a patrol."""
        with told:
            return self._book.pause_patrol(patrol)

    def resume_patrol(self, patrol: str) -> SavedRecord:
        """Takes a paused patrol up again."""
        with told:
            return self._book.resume_patrol(patrol)

    def end_patrol(self, patrol: str) -> SavedRecord:
        """Ends a patrol."""
        with told:
            return self._book.end_patrol(patrol)

    def report_case(self, draft: CaseDraft) -> BornCase:
        """Reports a matter found in the field; the case is born here."""
        with told:
            return self._book.report_case(draft)

    def start_urgent(self, draft: UrgentDraft) -> BornCase:
        """Starts a rescue."""
        with told:
            return self._book.start_urgent(draft)

    def urgent_milestone(self, case_id: str, milestone: str) -> SavedRecord:
        """Records one step of a rescue."""
        with told:
            return self._book.urgent_milestone(case_id, milestone)

    def submit_case(self, case_id: str, draft: ReportDraft) -> SavedRecord:
        """Submits a disposition report (处置反馈) on a case born here."""
        with told:
            return self._book.submit_case(case_id, draft)

    def accept(self, task: str) -> SavedRecord:
        """Accepts a task (签收)."""
        with told:
            return self._book.accept(task)

    def arrive(self, task: str, position: Optional[Position] = None) -> SavedRecord:
        """Records that the holder is on the scene (到场); implies accepting."""
        with told:
            return self._book.arrive(task, position)

    def submit(self, task: str, draft: ReportDraft) -> SavedRecord:
        """Submits a disposition report (处置反馈); implies arriving. A second one before review amends the first."""
        with told:
            return self._book.submit(task, draft)

    def request_extension(self, task: str, wanted_due_ms: int, reason: str) -> SavedRecord:
        """Asks for more time (申请延期), by the due time at the latest."""
        with told:
            return self._book.request_extension(task, wanted_due_ms, reason)

    def attach(self, draft: AttachmentDraft) -> KeptAttachment:
        """Keeps a photo, voice note or paper; then name it in a draft."""
        with told:
            return self._book.attach(_with_bytes(draft))

    def retry(self, seq: int) -> None:
        """Offers a record that was sent back once more, as it is."""
        with told:
            self._book.retry(seq)

    def amend(self, seq: int, words: str) -> SavedRecord:
        """Says a record that was sent back in other words; a new record takes its place, the old one stays on the platform."""
        with told:
            return self._book.amend(seq, words)

    def retry_photo(self, sha256: str) -> None:
        """Takes up a photo that the platform would not take once more."""
        with told:
            self._book.retry_photo(sha256)

    # Enrolment and sync: what the network did is a value.

    def enroll(self, ticket: str, phone: PhoneDraft, cancel: Optional[CancelToken] = None) -> EnrollOutcome:
        """Enrols this vault with a ticket of the form `grid:<address>#code=XXXX-XXXX&ca=<sha256>`."""
        call = Call(cancel)
        with told:
            return call.ended(lambda: self._book.enroll(ticket, phone, call.cancel))

    def enroll_again(self, ticket: str, phone: PhoneDraft, cancel: Optional[CancelToken] = None) -> EnrollOutcome:
        """Enrols this vault once more for its worker, after the platform had to replace its keys."""
        call = Call(cancel)
        with told:
            return call.ended(lambda: self._book.enroll_again(ticket, phone, call.cancel))

    def enroll_over(
        self, transport: Transport, ticket: str, phone: PhoneDraft, cancel: Optional[CancelToken] = None
    ) -> EnrollOutcome:
        """Enrols over a carrier of the host."""
        call = Call(cancel)
        over = carrier(transport, call)
        with told:
            return call.ended(lambda: self._book.enroll_over(over, ticket, phone, call.cancel))

    def platform(self) -> Optional[PlatformAddress]:
        """The platform this vault is enrolled with; none before enrolment."""
        with told:
            return self._book.platform()

    def plan_sync(self, budget: Optional[Budget] = None) -> SyncPlan:
        """What a sync within this budget would send now; sends nothing."""
        with told:
            return self._book.plan_sync(_budget(budget))

    def network_changed(self, network: Network) -> Optional[int]:
        """Tells that the network changed. Answers how long to wait before a sync over it, ms; none when nothing is due."""
        with told:
            return self._book.network_changed(network)

    def sync(
        self,
        budget: Optional[Budget] = None,
        cancel: Optional[CancelToken] = None,
        progress: Optional[Progress] = None,
    ) -> SyncReport:
        """Sends what waits and fetches what is new, within the budget, until nothing is left to do."""
        call = Call(cancel)
        heard = listener(progress, call)
        with told:
            return call.ended(lambda: self._book.sync(_budget(budget), call.cancel, heard))

    def sync_over(
        self,
        transport: Transport,
        budget: Optional[Budget] = None,
        cancel: Optional[CancelToken] = None,
        progress: Optional[Progress] = None,
    ) -> SyncReport:
        """The same over a carrier of the host."""
        call = Call(cancel)
        over, heard = carrier(transport, call), listener(progress, call)
        with told:
            return call.ended(lambda: self._book.sync_over(over, _budget(budget), call.cancel, heard))

    def begin_sync(self, budget: Optional[Budget] = None) -> SyncSession:
        """Begins a sync whose requests the host carries one by one."""
        with told:
            return SyncSession(self._book.begin_sync(_budget(budget)))


def _budget(budget: Optional[Budget]) -> Budget:
    return Budget() if budget is None else budget


def _with_bytes(draft: AttachmentDraft) -> AttachmentDraft:
    """The draft with its content as `bytes`, which the library takes."""
    if not isinstance(draft, AttachmentDraft) or not isinstance(draft.content, (bytes, bytearray, memoryview)):
        raise TypeError(WRONG_TYPE)
    if memoryview(draft.content).nbytes > CONTENT_BYTES_MAX:
        raise InvalidInputError("content", "too_large")
    content = bytes(draft.content)
    return AttachmentDraft(role=draft.role, mime=draft.mime, position=draft.position, content=content)
