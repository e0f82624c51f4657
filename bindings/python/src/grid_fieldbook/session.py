"""A sync whose requests the host carries one by one."""

from __future__ import annotations

from typing import Optional

from . import grid_ffi as ffi
from .errors import told
from .types import HttpAnswer, HttpRequest, LinkProblem, SyncReport


class SyncSession:
    """`next_request`, carry it, `answer` or `no_answer`, until `next_request` gives none; then `report`.

    Nothing is lost when the process dies between two steps. Letting go of the object cancels the sync.
    """

    def __init__(self, session: ffi.SyncSession) -> None:
        """Made by `FieldBook.begin_sync`."""
        self._session = session

    def next_request(self) -> Optional[HttpRequest]:
        """The request that is to be carried next; none when the sync has ended."""
        with told:
            return self._session.next_request()

    def answer(self, answer: HttpAnswer) -> None:
        """Hands in the answer to the request that waits, whatever its status."""
        with told:
            self._session.answer(answer)

    def no_answer(self, problem: LinkProblem) -> None:
        """Says that the request that waits got no answer."""
        with told:
            self._session.no_answer(problem)

    def cancel(self) -> None:
        """Asks the sync to stop; then `next_request` gives none."""
        with told:
            self._session.cancel()

    def report(self) -> SyncReport:
        """What the sync did. `InvalidInputError` while it runs."""
        with told:
            return self._session.report()
