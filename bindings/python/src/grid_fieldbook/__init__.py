"""The field book of community workers: everything recorded is durable when a call returns, with or without a network.

    from grid_fieldbook import CountDraft, FieldBook, KeyFile

    with FieldBook.open("vault", KeyFile("vault.key")) as book:
        book.count(CountDraft(kind="rescued", value=2, post="DL03"))
"""

from __future__ import annotations

from typing import Optional

from . import types
from .aio import AsyncFieldBook
from .book import FieldBook
from .errors import (
    ClosedError,
    DamagedError,
    DatabaseTooNewError,
    FieldBookError,
    InternalError,
    InvalidInputError,
    NotFoundError,
    StorageFullError,
    UnavailableError,
)
from .hosts import KeyFile, set_log
from .plain import plain
from .rescue import LockedBook, recover
from .session import SyncSession
from .types import *  # noqa: F403 - it names what it gives

__all__ = [
    "AsyncFieldBook",
    "ClosedError",
    "DamagedError",
    "DatabaseTooNewError",
    "FieldBook",
    "FieldBookError",
    "InternalError",
    "InvalidInputError",
    "KeyFile",
    "LockedBook",
    "NotFoundError",
    "StorageFullError",
    "SyncSession",
    "UnavailableError",
    "explain",
    "plain",
    "recover",
    "set_log",
]
__all__ += types.__all__


def explain(error: FieldBookError, locale: Optional[str] = None) -> types.Advice:
    """What a person is told about an error; `locale` such as `zh-CN`, the environment's by default."""
    return error.explain(locale)
