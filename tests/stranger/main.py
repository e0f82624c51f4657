"""Plays the stranger: a client that shares no code with the platform, against a running grid-platform.

`main.py PROGRAM`: the grid-platform to be tried. Last line: stranger: N passed, N failed.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import traceback
from pathlib import Path

import checks_cut
import checks_keys
import checks_sync
from grounds import Grounds
from phone import Phone
from stage import CHECKS, Stage

# In this order, whatever order they were imported in.
PLAYED = [module.__name__ for module in (checks_sync, checks_cut, checks_keys)]


def main(program: Path) -> int:
    # Ended from outside, it ends its platform too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="grid-stranger.") as folder:
        grounds = Grounds(program, Path(folder))
        try:
            grounds.set_up()
            grounds.start()
            stage = Stage(grounds, Phone(grounds.link), Phone(grounds.link))
            for says, run in sorted(CHECKS, key=lambda check: PLAYED.index(check[1].__module__)):
                try:
                    run(stage)
                except Exception:
                    failed += 1
                    print(f"FAILED  {says}\n{traceback.format_exc()}", flush=True)
                else:
                    passed += 1
                    print(f"ok  {says}", flush=True)
            if failed:
                print(f"The platform's log ends so:\n{grounds.log_end()}")
        finally:
            grounds.stop()
    print(f"stranger: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
