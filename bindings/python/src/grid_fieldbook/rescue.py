"""When a vault does not open: recovery of a damaged one, capture beside a locked one."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Optional, Type, Union

from . import grid_ffi as ffi
from .callbacks import clock_of, keys_of
from .errors import told
from .types import (
    BornCase,
    CaseDraft,
    CountDraft,
    HostClock,
    KeyVault,
    RecoveryReport,
    SavedRecord,
    UrgentDraft,
)


def recover(
    folder: Union[str, Path], key_vault: KeyVault, clock: Optional[HostClock] = None
) -> RecoveryReport:
    """Brings a vault back that `FieldBook.open` called damaged, and closes it. The damaged file is kept."""
    with told:
        return ffi.recover(os.fspath(folder), keys_of(key_vault), clock_of(clock))


class LockedBook:
    """A vault whose key cannot be had, and that still takes rescues, matters and counts; `with` ends the capture.

    What it takes is sealed, and imported when the vault opens again.
    """

    def __init__(self, book: ffi.LockedBook) -> None:
        """Made by `open`."""
        self._book = book

    @classmethod
    def open(cls, folder: Union[str, Path], clock: Optional[HostClock] = None) -> LockedBook:
        """Begins a capture for the vault in `folder`."""
        with told:
            return cls(ffi.LockedBook.open(os.fspath(folder), clock_of(clock)))

    def __enter__(self) -> LockedBook:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.end()

    def start_urgent(self, draft: UrgentDraft) -> BornCase:
        """Starts a rescue."""
        with told:
            return self._book.start_urgent(draft)

    def urgent_milestone(self, case_id: str, milestone: str) -> SavedRecord:
        """Records one step of a rescue."""
        with told:
            return self._book.urgent_milestone(case_id, milestone)

    def report_case(self, draft: CaseDraft) -> BornCase:
        """Reports a matter found in the field, without photos."""
        with told:
            return self._book.report_case(draft)

    def count(self, draft: CountDraft) -> SavedRecord:
        """Adds a step to a counter."""
        with told:
            return self._book.count(draft)

    def end(self) -> None:
        """Ends the capture; later calls raise `ClosedError`. Then the vault can be opened."""
        with told:
            self._book.end()
