"""What a call may raise: eight kinds, each a different reaction of the program. The text of each says what to do."""

from __future__ import annotations

import os
import struct
from types import TracebackType
from typing import Optional, Type

from . import grid_ffi as ffi
from .types import Advice, Obstacle

WRONG_TYPE = "an argument is not of the type that this call takes"
OUT_OF_RANGE = "a number is out of the range that this call takes"


class FieldBookError(Exception):
    """Why a call did not do what it was asked. Nothing saved is lost by any of these."""

    def explain(self, locale: Optional[str] = None) -> Advice:
        """What happened, what it means for the record and what to do; in the environment's language unless told."""
        return ffi.explain(self._core(), locale or environment_locale())

    def __str__(self) -> str:
        if self._kind() is None and self.args:
            return super().__str__()
        locale = environment_locale()
        advice = self.explain(locale)
        said = (advice.happened, advice.meaning, advice.next)
        if locale.startswith("zh"):
            return "".join(f"{part}。" for part in said)
        return " ".join(f"{part}." for part in said)

    def _kind(self) -> Optional[str]:
        """Which of the eight kinds it is; none for an error that only derives from the base."""
        ours = (kind.__name__ for kind in type(self).__mro__ if kind.__module__ == __name__ and kind is not FieldBookError)
        return next((name[:-len("Error")] for name in ours), None)

    def _core(self) -> ffi.FieldError:
        """What the core calls it: the same kind with the same fields. One of no kind is a bug of whoever raised it."""
        kind = self._kind()
        args = (type(self).__name__,) if kind is None else self.args
        made: ffi.FieldError = getattr(ffi.FieldError, kind or "Internal")(*args)
        return made


class InvalidInputError(FieldBookError):
    """One field cannot be taken: correct it. `detail` is a stable name, such as `empty` or `too_long:40`."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(field, detail)
        self.field = field
        self.detail = detail


class NotFoundError(FieldBookError):
    """There is no such thing in this vault. Before enrolment `sync` says `enrolment`."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class ClosedError(FieldBookError):
    """The field book was closed: `reopen` it and repeat the call."""


class UnavailableError(FieldBookError):
    """Not now: wait for the obstacle to go, then repeat the call."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


class StorageFullError(FieldBookError):
    """No space left and not saved: free some, then save again."""


class DatabaseTooNewError(FieldBookError):
    """Written by a newer application, and not touched: update this one."""

    def __init__(self, found: int, supported: int) -> None:
        super().__init__(found, supported)
        self.found = found
        self.supported = supported


class DamagedError(FieldBookError):
    """The database does not open under its key, and is left exactly as it is: `recover` it."""


class InternalError(FieldBookError):
    """A bug or a failing disk: report it. `detail` holds nothing personal."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class _Told:
    """Around a call into the core: what it raises leaves as an error of ours, what it says of an argument in plain words."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if error is None:
            return
        if isinstance(error, ffi.FieldError):
            raise ours(error) from None
        if isinstance(error, ffi.InternalError):
            raise InternalError("the library did not answer as it should") from None
        if trace is None or not _is_generated(trace):
            return
        if isinstance(error, (AttributeError, struct.error, TypeError)):
            raise TypeError(WRONG_TYPE) from None
        if isinstance(error, (ValueError, OverflowError)):
            raise ValueError(OUT_OF_RANGE) from None


told = _Told()


def _is_generated(trace: TracebackType) -> bool:
    """Whether the generated code itself raised, not something of the app that it called."""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_globals is vars(ffi)


def ours(error: ffi.FieldError) -> FieldBookError:
    """The error of ours that stands for one of the core's."""
    kind: Type[FieldBookError] = globals()[f"{type(error).__name__}Error"]
    return kind(**vars(error))


def environment_locale() -> str:
    """The language of the environment, as `grid` finds it: `LC_ALL`, then `LC_MESSAGES`, then `LANG`."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in named if value), "en")
