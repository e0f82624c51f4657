"""What a call may raise: eight kinds, each a different reaction of the program. The text of each says what to do."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Optional, Type

from . import grid_ffi as ffi
from .types import Advice, Obstacle


class FieldBookError(Exception):
    """Why a call did not do what it was asked. Nothing saved is lost by any of these."""

    def explain(self, locale: Optional[str] = None) -> Advice:
        """What happened, what it means for the record and what to do; in the environment's language unless told."""
        return ffi.explain(self._core(), locale or environment_locale())

    def __str__(self) -> str:
        locale = environment_locale()
        advice = self.explain(locale)
        said = (advice.happened, advice.meaning, advice.next)
        if locale.startswith("zh"):
            return "".join(f"{part}。" for part in said)
        return " ".join(f"{part}." for part in said)

    def _core(self) -> ffi.FieldError:
        """What the core calls it: the same kind with the same fields."""
        made: ffi.FieldError = getattr(ffi.FieldError, type(self).__name__[:-len("Error")])(*self.args)
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
    """Around a call into the core: what it raises leaves as an error of ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if isinstance(error, ffi.FieldError):
            raise ours(error) from None
        if isinstance(error, ffi.InternalError):
            raise InternalError("the library did not answer as it should") from None


told = _Told()


def ours(error: ffi.FieldError) -> FieldBookError:
    """The error of ours that stands for one of the core's."""
    kind: Type[FieldBookError] = globals()[f"{type(error).__name__}Error"]
    return kind(**vars(error))


def environment_locale() -> str:
    """The language of the environment, as `grid` finds it: `LC_ALL`, then `LC_MESSAGES`, then `LANG`."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in named if value), "en")
