"""Answers as plain values, for `json`, `csv` and tables."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any


def plain(value: Any) -> Any:
    """A record as a `dict`, a list as a list, an enum as its name in Pascal case, `{"NoLink": {"problem": "Lost"}}` with data.

    Numbers, text, bytes and `None` stay what they are, objects such as a kept attachment, too.
    """
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, enum.Enum):
        return _pascal(value.name)
    if not dataclasses.is_dataclass(value):
        return value
    fields = {name: plain(field) for name, field in vars(value).items() if not name.startswith("_")}
    _, _, variant = type(value).__name__.partition(".")
    if not variant:
        return fields
    return {_pascal(variant): fields} if fields else _pascal(variant)


def _pascal(name: str) -> str:
    return name.title().replace("_", "")
