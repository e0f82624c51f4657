"""The public names of grid_fieldbook with their signatures: `api.py` fails when they are not as in api.txt, `api.py --write` writes it."""

import enum
import inspect
import re
import sys
from pathlib import Path

import grid_fieldbook as f

LISTED = Path(__file__).with_name("api.txt")
CHANGED = ("The public names of grid_fieldbook changed: run scripts/bindings python --write-api, say in CHANGELOG.md what changes,\n"
           "then run cargo run -p grid-tidy -- freeze.\n"
           "grid_fieldbook 的公开接口有变：请运行 scripts/bindings python --write-api，在 CHANGELOG.md 写明变化，再运行 cargo run -p grid-tidy -- freeze。")


def signature(call):
    """As it is declared; a default that only the generated code knows is an empty list."""
    text = str(inspect.signature(call)).replace("typing.", "").replace("'", "")
    return re.sub(r"<object object at \w+>", "[]", text)


def listed(name, value):
    """The lines of one name: itself, then what it has."""
    if not isinstance(value, type):
        return [f"def {name}{signature(value)}"]
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object and "Protocol" not in base.__name__)
    if isinstance(value, enum.EnumMeta):
        return [f"class {name}(Enum)", *(f"    {member.name}" for member in value)]
    return [f"class {name}" + (f"({bases})" if bases else ""), *sorted(f"    {line}" for line in members(value))]


def members(kind):
    own = {name: member for name, member in vars(kind).items() if not name.startswith("_") and name != "is_impl"}
    if "__init__" in vars(kind) and not is_choice(kind) and "args, **kwargs" not in signature(kind.__init__):
        yield f"def __init__{signature(kind.__init__)}"
    for name, member in own.items():
        if isinstance(member, type):
            yield f"{name}{signature(member.__init__)}"
        elif inspect.isroutine(member) or isinstance(member, classmethod):
            call = getattr(kind, name)
            yield f"{'async ' if inspect.iscoroutinefunction(call) else ''}def {name}{signature(call)}"


def is_choice(kind):
    """An enum with data: its variants are classes of its own."""
    return any(isinstance(member, type) for member in vars(kind).values())


def listing():
    lines = ["# The public names of grid_fieldbook. Written by: scripts/bindings python --write-api"]
    for name in sorted(f.__all__):
        lines += ["", *listed(name, getattr(f, name))]
    return "\n".join(lines) + "\n"


def main():
    now = listing()
    if "--write" in sys.argv[1:]:
        LISTED.write_text(now, encoding="utf-8")
        return 0
    if LISTED.exists() and LISTED.read_text(encoding="utf-8") == now:
        return 0
    print(CHANGED, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
