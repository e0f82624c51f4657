"""A folder for each test, an open book, the hosts' fakes and the one way to expect an error."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
import unittest
import uuid

import grid_ffi as g

POST = "DL-01"


class Keys(g.KeyVault):
    """Hides a key just enough to see that it was wrapped. The same in every process, so that a child opens the same vault."""

    MARK = b"wrapped:"

    def __init__(self):
        self.calls = []

    def wrap(self, key):
        self.calls.append("wrap")
        return self.MARK + bytes(byte ^ 0x5A for byte in key)

    def unwrap(self, wrapped):
        self.calls.append("unwrap")
        if not wrapped.startswith(self.MARK):
            raise g.HostError.Lost()
        return bytes(byte ^ 0x5A for byte in wrapped[len(self.MARK):])


class Clock(g.HostClock):
    """Says what the test sets."""

    def __init__(self, wall_ms=1_767_571_200_000):
        self.wall_ms, self.mono_ms, self.boot = wall_ms, 1_000, 7

    def now(self):
        return g.ClockReading(wall_ms=self.wall_ms, mono_ms=self.mono_ms, boot=self.boot)


class BookTest(unittest.TestCase):
    """A test with a vault of its own."""

    maxDiff = None

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="grid-contract-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.folder = os.path.join(self.home, "vault")

    def open(self, keys=None, clock=None, folder=None):
        book = g.FieldBook.open(folder or self.folder, keys or Keys(), clock)
        self.addCleanup(book.close)
        return book

    @contextlib.contextmanager
    def refused(self, kind, **fields):
        """Expects this kind of error with exactly these fields."""
        with self.assertRaises(kind) as caught:
            yield
        seen = {name: value for name, value in vars(caught.exception).items() if not name.startswith("_")}
        self.assertEqual(seen, fields)

    def invalid(self, field, detail):
        return self.refused(g.FieldError.InvalidInput, field=field, detail=detail)

    def database(self):
        return os.path.join(self.folder, "fieldbook.db")

    def digests(self):
        """SHA-256 of each file of the vault, apart from its lock and SQLite's shared memory, which hold nothing."""
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                if name != "lock" and not name.endswith("-shm"):
                    path = os.path.join(folder, name)
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, self.folder)] = hashlib.sha256(file.read()).hexdigest()
        return found

    def within(self, seconds, call):
        """Runs `call` on a thread of its own and fails when it does not end in time: something waits for itself."""
        answer = []

        def run():
            try:
                answer.append((call(), None))
            except BaseException as error:  # noqa: BLE001 - handed to the test
                answer.append((None, error))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(seconds)
        self.assertTrue(answer, f"did not end within {seconds} s")
        value, error = answer[0]
        if error is not None:
            raise error
        return value


def count(book, value=1, kind="rescued", **more):
    return book.count(g.CountDraft(kind=kind, value=value, post=POST, **more))


def patrol(book):
    draft = g.PatrolDraft(patrol_type="coastline", transport="foot", post=POST)
    return book.start_patrol(draft).patrol


def fix(number=0):
    return g.FixDraft(lat_e7=397_500_000 + number, lon_e7=1_237_300_000, accuracy_dm=50, speed_cms=120)


def states(book):
    return [record.state for record in book.records(0, 10_000)]


def phone():
    return g.PhoneDraft(phone=str(uuid.uuid4()), label="一号机", platform="linux", app_version="0.1.0")
