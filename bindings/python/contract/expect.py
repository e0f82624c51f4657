"""Whether an answer is what a case expects."""

import hashlib
import re


class Mismatch(Exception):
    """What came is not what was expected."""


def seen(value):
    """An answer as the cases write it: bytes by length and hash."""
    if isinstance(value, (bytes, bytearray)):
        return {"length": len(value), "sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, list):
        return [seen(item) for item in value]
    if isinstance(value, dict):
        return {name: seen(item) for name, item in value.items()}
    return value


def match(expected, got, at="answer"):
    """Raises `Mismatch` with the place, unless what came holds."""
    if isinstance(expected, dict):
        if expected and expected.keys() <= MATCHERS.keys():
            for name, wanted in expected.items():
                MATCHERS[name](wanted, got, at, expected)
        elif not isinstance(got, dict):
            raise Mismatch(f"{at}: {short(expected)} was expected, {short(got)} came")
        else:
            for name, wanted in expected.items():
                if name not in got:
                    raise Mismatch(f"{at}: has no {name}: {short(got)}")
                match(wanted, got[name], f"{at}.{name}")
    elif isinstance(expected, list):
        length(len(expected), got, at)
        for index, wanted in enumerate(expected):
            match(wanted, got[index], f"{at}[{index}]")
    elif not same(expected, got):
        raise Mismatch(f"{at}: {short(expected)} was expected, {short(got)} came")


def same(left, right):
    """Equal, where true is not 1."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def holds(expected, got):
    try:
        match(expected, got)
    except Mismatch:
        return False
    return True


def short(value):
    text = repr(value)
    return text if len(text) <= 300 else text[:300] + "…"


def check(holding, at, wanted, got):
    if not holding:
        raise Mismatch(f"{at}: {wanted} was expected, {short(got)} came")


def length(wanted, got, at):
    check(isinstance(got, list) and len(got) == wanted, at, f"a list of {wanted}", got)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def match_each(wanted, got, at, _):
    check(isinstance(got, list), at, "a list", got)
    for index, item in enumerate(got):
        match(wanted, item, f"{at}[{index}]")


def match_map(name, got, at, expected):
    check(isinstance(got, list) and all(isinstance(item, dict) and name in item for item in got), at,
          f"a list of objects with {name}", got)
    match(expected["to"], [item[name] for item in got], f"{at}[].{name}")


MATCHERS = {
    "count": lambda wanted, got, at, _: length(wanted, got, at),
    "some": lambda _, got, at, __: check(isinstance(got, list) and got, at, "a list that is not empty", got),
    "each": match_each,
    "at_least": lambda wanted, got, at, _: check(is_number(got) and got >= wanted, at, f"at least {wanted}", got),
    "at_most": lambda wanted, got, at, _: check(is_number(got) and got <= wanted, at, f"at most {wanted}", got),
    "matches": lambda wanted, got, at, _: check(
        isinstance(got, str) and re.search(wanted, got) is not None, at, f"a match of {wanted}", got),
    "is": lambda wanted, got, at, _: check(same(wanted, got), at, short(wanted), got),
    "one_of": lambda wanted, got, at, _: check(
        any(holds(choice, got) for choice in wanted), at, f"one of {short(wanted)}", got),
    "not": lambda wanted, got, at, _: check(not holds(wanted, got), at, f"anything but {short(wanted)}", got),
    "any": lambda _, got, at, __: check(got is not None, at, "anything but none", got),
    "map": match_map,
    "to": lambda *_: None,
}
