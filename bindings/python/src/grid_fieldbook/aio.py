"""The field book for programs on `asyncio`: each call runs on a thread of the loop's pool."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Optional, Type, TypeVar, Union

from .book import FieldBook
from .hosts import Progress
from .types import Budget, CancelToken, EnrollOutcome, HostClock, KeyVault, PhoneDraft, SyncReport, Transport

R = TypeVar("R")
if TYPE_CHECKING:
    from typing import Coroutine

    from typing_extensions import Concatenate, ParamSpec

    P = ParamSpec("P")


def _on_a_thread(
    call: Callable[Concatenate[FieldBook, P], R],
) -> Callable[Concatenate[AsyncFieldBook, P], Coroutine[Any, Any, R]]:
    @functools.wraps(call)
    async def called(book: AsyncFieldBook, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.to_thread(call, book.book, *args, **kwargs)

    return called


class AsyncFieldBook:
    """A `FieldBook` whose calls are awaited; `async with` closes it at the end. A cancelled `sync` or `enroll` stops at its next step."""

    def __init__(self, book: FieldBook) -> None:
        """Around a book that is open; or use `open`."""
        self.book = book

    @classmethod
    async def open(
        cls, folder: Union[str, Path], key_vault: KeyVault, clock: Optional[HostClock] = None
    ) -> AsyncFieldBook:
        """Opens the vault in `folder`, or makes a new one there."""
        return cls(await asyncio.to_thread(FieldBook.open, folder, key_vault, clock))

    async def __aenter__(self) -> AsyncFieldBook:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    close = _on_a_thread(FieldBook.close)
    reopen = _on_a_thread(FieldBook.reopen)
    suspend = _on_a_thread(FieldBook.suspend)
    status = _on_a_thread(FieldBook.status)
    tasks = _on_a_thread(FieldBook.tasks)
    task = _on_a_thread(FieldBook.task)
    posts = _on_a_thread(FieldBook.posts)
    patrol = _on_a_thread(FieldBook.patrol)
    patrols = _on_a_thread(FieldBook.patrols)
    cases = _on_a_thread(FieldBook.cases)
    records = _on_a_thread(FieldBook.records)
    parked = _on_a_thread(FieldBook.parked)
    waiting = _on_a_thread(FieldBook.waiting)
    search = _on_a_thread(FieldBook.search)
    tally_today = _on_a_thread(FieldBook.tally_today)
    self_check = _on_a_thread(FieldBook.self_check)
    support_bundle = _on_a_thread(FieldBook.support_bundle)
    count = _on_a_thread(FieldBook.count)
    start_patrol = _on_a_thread(FieldBook.start_patrol)
    record_fix = _on_a_thread(FieldBook.record_fix)
    flush_fixes = _on_a_thread(FieldBook.flush_fixes)
    visit = _on_a_thread(FieldBook.visit)
    observe = _on_a_thread(FieldBook.observe)
    pause_patrol = _on_a_thread(FieldBook.pause_patrol)
    resume_patrol = _on_a_thread(FieldBook.resume_patrol)
    end_patrol = _on_a_thread(FieldBook.end_patrol)
    report_case = _on_a_thread(FieldBook.report_case)
    start_urgent = _on_a_thread(FieldBook.start_urgent)
    urgent_milestone = _on_a_thread(FieldBook.urgent_milestone)
    submit_case = _on_a_thread(FieldBook.submit_case)
    accept = _on_a_thread(FieldBook.accept)
    arrive = _on_a_thread(FieldBook.arrive)
    submit = _on_a_thread(FieldBook.submit)
    request_extension = _on_a_thread(FieldBook.request_extension)
    attach = _on_a_thread(FieldBook.attach)
    retry = _on_a_thread(FieldBook.retry)
    amend = _on_a_thread(FieldBook.amend)
    export = _on_a_thread(FieldBook.export)
    retry_photo = _on_a_thread(FieldBook.retry_photo)
    platform = _on_a_thread(FieldBook.platform)
    plan_sync = _on_a_thread(FieldBook.plan_sync)
    network_changed = _on_a_thread(FieldBook.network_changed)

    async def enroll(self, ticket: str, phone: PhoneDraft, cancel: Optional[CancelToken] = None) -> EnrollOutcome:
        """Enrols this vault with a ticket."""
        token = cancel or CancelToken()
        return await _stopped_with(token, functools.partial(self.book.enroll, ticket, phone, token))

    async def enroll_again(self, ticket: str, phone: PhoneDraft, cancel: Optional[CancelToken] = None) -> EnrollOutcome:
        """Enrols this vault once more for its worker, after the platform had to replace its keys."""
        token = cancel or CancelToken()
        return await _stopped_with(token, functools.partial(self.book.enroll_again, ticket, phone, token))

    async def enroll_over(
        self, transport: Transport, ticket: str, phone: PhoneDraft, cancel: Optional[CancelToken] = None
    ) -> EnrollOutcome:
        """Enrols over a carrier of the host, which is called on another thread."""
        token = cancel or CancelToken()
        return await _stopped_with(token, functools.partial(self.book.enroll_over, transport, ticket, phone, token))

    async def sync(
        self,
        budget: Optional[Budget] = None,
        cancel: Optional[CancelToken] = None,
        progress: Optional[Progress] = None,
    ) -> SyncReport:
        """Sends what waits and fetches what is new. `progress` is called on another thread."""
        token = cancel or CancelToken()
        return await _stopped_with(token, functools.partial(self.book.sync, budget, token, progress))

    async def sync_over(
        self,
        transport: Transport,
        budget: Optional[Budget] = None,
        cancel: Optional[CancelToken] = None,
        progress: Optional[Progress] = None,
    ) -> SyncReport:
        """The same over a carrier of the host, which is called on another thread."""
        token = cancel or CancelToken()
        return await _stopped_with(token, functools.partial(self.book.sync_over, transport, budget, token, progress))


async def _stopped_with(token: CancelToken, call: Callable[[], R]) -> R:
    """Awaits the call; when that is cancelled, so is what it does."""
    try:
        return await asyncio.to_thread(call)
    except asyncio.CancelledError:
        token.cancel()
        raise
