"""Values of a case as arguments: by the type that the call declares."""

import enum
import re
import typing

import grid_fieldbook as f


def number(value):
    """A number, or one beyond 2^53."""
    return int(value["int"]) if isinstance(value, dict) else value


def text(value):
    if isinstance(value, dict):
        if "join" in value:
            return "".join(text(part) for part in value["join"])
        return value["repeat"] * value["times"]
    return value


def octets(value):
    if isinstance(value, bytes):
        return value
    (kind, given), = value.items()
    made = {
        "hex": bytes.fromhex,
        "zeros": bytes,
        "pattern": lambda size: bytes(index * 31 % 251 for index in range(size)),
        "utf8": lambda words: text(words).encode(),
    }
    return made[kind](given)


def typed(value, hint, fake):
    """The value as an argument of this type; `fake` makes what the host implements."""
    if typing.get_origin(hint) is typing.Union:
        if value is None:
            return None
        hint = next(kind for kind in typing.get_args(hint) if kind not in (object, type(None)))
        return typed(value, hint, fake)
    if typing.get_origin(hint) is list:
        item, = typing.get_args(hint)
        return [typed(each, item, fake) for each in value]
    if hint in PLAIN:
        return PLAIN[hint](value)
    if issubclass(hint, enum.Enum):
        return hint[upper(value)]
    if issubclass(hint, f.FieldBookError):
        (name, fields), = [(value, {})] if isinstance(value, str) else value.items()
        kind = getattr(f, f"{name}Error")
        return kind(**arguments(kind.__init__, fields, fake)) if fields else kind()
    if not isinstance(value, (dict, str)):
        return value  # an object that was saved
    if hasattr(hint, "__dataclass_fields__") and isinstance(value, dict):
        return hint(**arguments(hint.__init__, value, fake))
    return fake(value)


def arguments(call, given, fake):
    """What a call is given, by name; what is left out has its default."""
    hints = typing.get_type_hints(call)
    return {name: typed(value, hints[name], fake) for name, value in given.items()}


def upper(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


PLAIN = {int: number, str: text, bytes: octets, bool: bool}
