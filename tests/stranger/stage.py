"""What the checks share: the platform, one enrolled phone, and the list of checks in the order in which they are played."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grounds import Grounds
from phone import Phone
from wire import Refused


@dataclass
class Stage:
    """Where everything is played; what one check made, a later one uses."""

    grounds: Grounds
    phone: Phone
    away: Phone
    """A second phone, enrolled before any key was rotated, and away since."""
    patrol: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    photo: bytes = field(default_factory=lambda: secrets.token_bytes(300_000))
    first_sealing_key: bytes = b""


Check = Callable[[Stage], None]
CHECKS: list[tuple[str, Check]] = []


def check(says: str) -> Callable[[Check], Check]:
    """Takes a function in as a check; `says` is what holds when it passes."""

    def taken(run: Check) -> Check:
        CHECKS.append((says, run))
        return run

    return taken


def same(found: Any, wanted: Any, what: str = "") -> None:
    """Fails unless both are equal."""
    if found != wanted:
        raise AssertionError(f"{what or 'it'} is {found!r} and should be {wanted!r}")


def holds(true: bool, what: str) -> None:
    """Fails unless it is true."""
    if not true:
        raise AssertionError(what)


def refused(code: str, status: int, ask: Callable[[], Any]) -> Refused:
    """Fails unless the platform refuses with this code and status."""
    try:
        said = ask()
    except Refused as refusal:
        same((refusal.code, refusal.status), (code, status), "the refusal")
        return refusal
    raise AssertionError(f"it was taken: {said!r}")


def new_phone(stage: Stage, job_no: str, **more: Any) -> Phone:
    """Another vault, enrolled."""
    phone = Phone(stage.grounds.link, **more)
    phone.enroll(code_of(stage.grounds.ticket(job_no)))
    return phone


def parts_of(ticket: str) -> tuple[str, dict[str, str]]:
    """Address and parts of a ticket `grid:<address>#code=…[&ca=…]`."""
    marked, _, rest = ticket.partition("#")
    holds(marked.startswith("grid:"), "a ticket begins with grid:")
    return marked.removeprefix("grid:"), dict(pair.split("=", 1) for pair in rest.split("&"))


def code_of(ticket: str) -> str:
    """The code in a ticket."""
    return parts_of(ticket)[1]["code"]
