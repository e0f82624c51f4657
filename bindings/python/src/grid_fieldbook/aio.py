"""The field book for programs on `asyncio`: each call runs on a thread of the loop's pool."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Optional, Type, TypeVar, Union

from .book import FieldBook
from .callbacks import Progress
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
        return await _ended(functools.partial(call, book.book, *args, **kwargs))

    return called


class AsyncFieldBook:
    """A `FieldBook` whose calls are awaited; `async with` closes it at the end.

    A cancelled `sync` or `enroll` stops at its next step; every other call that has begun goes on to its end. `CancelledError`
    comes when the call has ended.
    """

    def __init__(self, book: FieldBook) -> None:
        """Around a book that is open; or use `open`."""
        self.book = book

    @classmethod
    async def open(
        cls, folder: Union[str, Path], key_vault: KeyVault, clock: Optional[HostClock] = None
    ) -> AsyncFieldBook:
        """Opens the vault in `folder`, or makes a new one there."""
        return cls(await _ended(functools.partial(FieldBook.open, folder, key_vault, clock), undo=FieldBook.close))

    async def __aenter__(self) -> AsyncFieldBook:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        closing = _on_pool(self.book.close)
        cancelled = await _over(closing)
        closing.result()
        if cancelled is not None:
            raise cancelled

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
        token = _token(cancel)
        return await _ended(functools.partial(self.book.enroll, ticket, phone, token), token.cancel)

    async def enroll_again(self, ticket: str, phone: PhoneDraft, cancel: Optional[CancelToken] = None) -> EnrollOutcome:
        """Enrols this vault once more for its worker, after the platform had to replace its keys."""
        token = _token(cancel)
        return await _ended(functools.partial(self.book.enroll_again, ticket, phone, token), token.cancel)

    async def enroll_over(
        self, transport: Transport, ticket: str, phone: PhoneDraft, cancel: Optional[CancelToken] = None
    ) -> EnrollOutcome:
        """Enrols over a carrier of the host, which is called on another thread."""
        token = _token(cancel)
        return await _ended(functools.partial(self.book.enroll_over, transport, ticket, phone, token), token.cancel)

    async def sync(
        self,
        budget: Optional[Budget] = None,
        cancel: Optional[CancelToken] = None,
        progress: Optional[Progress] = None,
    ) -> SyncReport:
        """Sends what waits and fetches what is new. `progress` is called on another thread."""
        token = _token(cancel)
        return await _ended(functools.partial(self.book.sync, budget, token, progress), token.cancel)

    async def sync_over(
        self,
        transport: Transport,
        budget: Optional[Budget] = None,
        cancel: Optional[CancelToken] = None,
        progress: Optional[Progress] = None,
    ) -> SyncReport:
        """The same over a carrier of the host, which is called on another thread."""
        token = _token(cancel)
        return await _ended(functools.partial(self.book.sync_over, transport, budget, token, progress), token.cancel)


def _token(cancel: Optional[CancelToken]) -> CancelToken:
    return CancelToken() if cancel is None else cancel


async def _ended(
    call: Callable[[], R],
    stop: Optional[Callable[[], object]] = None,
    undo: Optional[Callable[[R], object]] = None,
) -> R:
    """Awaits a call on a thread. One that is cancelled is asked to stop, and has ended and is undone before `CancelledError` leaves.

    A call that no thread has taken up yet does not begin any more.
    """
    # Whoever has it first: the thread that takes the call up, or a cancelling before that. It is never let go.
    turn = threading.Lock()

    def run() -> R:
        if not turn.acquire(blocking=False):
            raise asyncio.CancelledError
        return call()

    running = _on_pool(run)

    def stopped() -> None:
        if turn.acquire(blocking=False):
            running.cancel()
        elif stop is not None:
            stop()

    cancelled = await _over(running, stopped)
    if cancelled is None:
        return running.result()
    if not running.cancelled() and running.exception() is None and undo is not None:
        undoing = _on_pool(functools.partial(undo, running.result()))
        await _over(undoing)
        undoing.exception()
    raise cancelled


def _on_pool(call: Callable[[], R]) -> asyncio.Future[R]:
    """Runs the call on a thread of the loop's pool. No task, so that a loop that ends does not cancel it behind its waiter."""
    return asyncio.get_running_loop().run_in_executor(None, functools.partial(contextvars.copy_context().run, call))


async def _over(
    running: asyncio.Future[R], stopped: Callable[[], object] = lambda: None
) -> Optional[asyncio.CancelledError]:
    """Returns when the call is over, and gives the first cancelling that came meanwhile."""
    cancelled = None
    while not running.done():
        # Not the call itself is awaited: who is cancelled would cancel it.
        ended = running.get_loop().create_future()
        running.add_done_callback(functools.partial(_tell, ended))
        try:
            await ended
        except asyncio.CancelledError as error:
            cancelled = cancelled or error
            stopped()
    return cancelled


def _tell(ended: asyncio.Future[None], _running: asyncio.Future[Any]) -> None:
    if not ended.done():
        ended.set_result(None)
