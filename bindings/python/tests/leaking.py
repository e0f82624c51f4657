"""What is opened, used and closed leaves nothing behind: no memory, no file, no object on either side.

500 openings and 20,000 views; GRID_LEAKS=full: 10,000 and 100,000. Measured in a process of its own: `leaking.py opens|views`.
"""

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import grid_fieldbook as f
from grid_fieldbook import grid_ffi

IS_FULL = os.environ.get("GRID_LEAKS") == "full"
OPENINGS = 10_000 if IS_FULL else 500
VIEWS = 100_000 if IS_FULL else 20_000
FLAT_WITHIN = 0.05
SAMPLES = 400
# The core's thread that flushes fixes looks every five seconds whether its book is still there: as many end as begin after these.
WARM_S = 8


class Leaking(unittest.TestCase):
    def measured(self, what):
        done = subprocess.run([sys.executable, os.path.abspath(__file__), what], capture_output=True, text=True,
                              timeout=3_600 if IS_FULL else 600)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        quarter = len(seen["pages"]) // 4
        second = sum(seen["pages"][quarter:2 * quarter]) / quarter
        last = sum(seen["pages"][-quarter:]) / quarter
        self.assertLess(abs(last - second), second * FLAT_WITHIN, f"pages in memory: {second:.0f}, then {last:.0f}")
        self.assertEqual((seen["files"], seen["objects"], seen["hosts"]), (0, 0, 0), what)

    def test_opening_and_closing_leaves_nothing(self):
        self.measured("opens")

    def test_looking_leaves_nothing(self):
        self.measured("views")


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1])


def files_below(folder):
    links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
    return sum(os.path.exists(link) and os.readlink(link).startswith(folder) for link in links)


def live_objects():
    """Objects of the core that Python still holds."""
    gc.collect()
    return sum(hasattr(held, "_handle") for held in gc.get_objects() if type(held).__module__ == grid_ffi.__name__)


def live_hosts():
    """Objects of Python that the core still holds."""
    kinds = (kind for name, kind in vars(grid_ffi).items() if name.startswith("_UniffiFfiConverterType"))
    return sum(len(kind._handle_map._map) for kind in kinds if hasattr(kind, "_handle_map"))


def opens(folder, keys):
    def once():
        with f.FieldBook.open(folder, keys) as book:
            book.attach(f.AttachmentDraft(role="other", mime="image/jpeg", content=b"x"))
            book.status()
            book.records(limit=5)
            book.plan_sync()
    return OPENINGS, once, lambda: None


def views(folder, keys):
    book = f.FieldBook.open(folder, keys)
    for _ in range(50):
        book.count(f.CountDraft(kind="rescued", value=1, post="DL-01"))
    book.report_case(f.CaseDraft(case_kind="hazard", title="井盖松动", description="踩上去会翻", place_text="东口"))
    calls = [book.status, book.records, book.waiting, lambda: book.search("井盖"), lambda: book.tasks(True, 50)]
    turn = iter(range(VIEWS))
    return VIEWS, lambda: calls[next(turn) % len(calls)](), book.close


def play(what):
    home = tempfile.mkdtemp(prefix="grid-leaking-")
    try:
        times, once, end = {"opens": opens, "views": views}[what](os.path.join(home, "vault"), f.KeyFile(os.path.join(home, "key")))
        warm = time.monotonic() + WARM_S
        while what == "opens" and time.monotonic() < warm:
            once()
        pages, every = [], max(1, times // SAMPLES)
        for done in range(times):
            once()
            if done % every == 0:
                pages.append(resident())
        end()
        return pages, files_below(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main():
    pages, files = play(sys.argv[1])
    # The core's own threads look once more whether their book is still there.
    until = time.monotonic() + 15
    while (live_objects() or live_hosts()) and time.monotonic() < until:
        time.sleep(0.2)
    print(json.dumps({"pages": pages, "files": files, "objects": live_objects(), "hosts": live_hosts()}))


if __name__ == "__main__":
    main()
