"""What the package adds to the generated module: errors with a text, closing by itself, `asyncio`, plain values, a key file."""

import asyncio
import json
import logging
import os
import pickle
import shutil
import stat
import tempfile
import threading
import time
import unittest
import unittest.mock

import grid_fieldbook as f
from grid_fieldbook import grid_ffi

TICKET = "grid:http://127.0.0.1:9#code=ABCD-EFGH"
PHONE = f.PhoneDraft(phone="00000000-0000-4000-8000-000000000001", label="一号机", platform="linux", app_version="0.1.0")

POST = "DL-01"
ERRORS = [
    f.InvalidInputError("title", "too_long:40"), f.NotFoundError("task"), f.ClosedError(),
    f.UnavailableError(f.Obstacle.INSIDE_CALLBACK), f.StorageFullError(), f.DatabaseTooNewError(9, 7), f.DamagedError(),
    f.InternalError("disk"),
]


def count(value=1):
    return f.CountDraft(kind="rescued", value=value, post=POST)


class VaultTest(unittest.TestCase):
    """A test with a place for a vault and its key file."""

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="grid-wrapping-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.folder, self.keys = os.path.join(self.home, "vault"), f.KeyFile(os.path.join(self.home, "keys"))

    def open(self):
        return f.FieldBook.open(self.folder, self.keys)


class Wrapped(VaultTest):
    def test_with_closes_the_book_and_lets_the_error_out(self):
        with self.assertRaises(KeyError), self.open() as book:
            book.count(count())
            raise KeyError("of the caller")
        with self.assertRaises(f.ClosedError):
            book.status()
        with self.open() as book:
            self.assertEqual(book.status().saved, 1)

    def test_nothing_of_the_core_is_left_out(self):
        for kind, core in ((f.FieldBook, grid_ffi.FieldBook), (f.LockedBook, grid_ffi.LockedBook),
                           (f.SyncSession, grid_ffi.SyncSession)):
            calls = {name for name in vars(core) if not name.startswith("_")}
            self.assertLessEqual(calls, set(vars(kind)), kind.__name__)
        # Ours stand for them, or the generated code keeps them to itself.
        told = {name for name in grid_ffi.__all__ if not name.endswith(("Protocol", "Impl"))}
        self.assertEqual(told - set(f.__all__), {"FieldError"})

    def test_a_locked_capture_ends_by_itself(self):
        self.open().close()
        with f.LockedBook.open(self.folder) as locked:
            locked.count(count())
        with self.assertRaises(f.ClosedError):
            locked.count(count())
        with self.open() as book:
            self.assertEqual(book.status().saved, 1)

    def test_every_error_says_what_to_do_in_both_languages(self):
        for language, ends in (("zh_CN.UTF-8", "。"), ("de_DE.UTF-8", "."), ("C", ".")):
            with unittest.mock.patch.dict(os.environ, {"LC_ALL": language}):
                for error in ERRORS:
                    with self.subTest(repr(error), language=language):
                        said = str(error)
                        self.assertTrue(said.endswith(ends) and len(said) > 20, said)
                        for name in ("ffi", "uniffi", "FieldError", "0x", "Obstacle."):
                            self.assertNotIn(name, said)
        self.assertNotEqual(ERRORS[0].explain("zh-CN").next, ERRORS[0].explain("en").next)
        self.assertEqual(f.explain(ERRORS[2], "en").happened, ERRORS[2].explain("en").happened)

    def test_an_error_hides_nothing_and_travels_between_processes(self):
        for error in ERRORS:
            again = pickle.loads(pickle.dumps(error))
            self.assertEqual((type(again), vars(again)), (type(error), vars(error)))
        with self.open() as book, self.assertRaises(f.InvalidInputError) as caught:
            book.count(f.CountDraft(kind="no_such", value=1, post=POST))
        self.assertEqual((caught.exception.field, caught.exception.detail), ("kind", "unknown"))
        self.assertTrue(caught.exception.__suppress_context__)

    def test_answers_become_json(self):
        with self.open() as book:
            saved = book.count(count(2))
            told = json.loads(json.dumps(f.plain([book.status(), book.records(), book.waiting()])))
            self.assertEqual(f.plain(saved)["seq"], 1)
        self.assertEqual(told[0]["saved"], 1)
        self.assertEqual((told[1][0]["state"], told[1][0]["seq"]), ("Saved", 1))
        self.assertEqual(told[2][0]["cause"], "NotEnrolled")
        problem = f.SyncOutcome.NO_LINK(f.LinkProblem.NAME_UNKNOWN)
        self.assertEqual(f.plain(problem), {"NoLink": {"problem": "NameUnknown"}})

    def test_a_key_file_keeps_every_key_and_only_its_owner_reads_it(self):
        other = os.path.join(self.home, "other")
        self.open().close()
        f.FieldBook.open(other, self.keys).close()
        self.assertEqual(stat.S_IMODE(os.stat(self.keys.path).st_mode), 0o600)
        keys = self.keys.path.read_text().split()
        self.assertEqual([len(key) for key in keys], [64, 64])
        for folder in (self.folder, other):
            with f.FieldBook.open(folder, self.keys) as book, open(os.path.join(folder, "key"), "rb") as wrapped:
                self.assertFalse(any(bytes.fromhex(key) in wrapped.read() for key in keys))
                book.count(count())
        self.assertEqual(sorted(os.listdir(self.home)), ["keys", "other", "vault"])

    def test_without_its_key_file_a_vault_is_damaged_and_left_alone(self):
        self.open().close()
        with self.assertRaises(f.DamagedError):
            f.FieldBook.open(self.folder, f.KeyFile(os.path.join(self.home, "elsewhere")))
        self.assertFalse(os.path.exists(os.path.join(self.home, "elsewhere")))
        self.open().close()

    def test_a_key_file_that_cannot_be_written_leaves_nothing_behind(self):
        with self.assertRaises(f.InternalError):
            f.FieldBook.open(self.folder, f.KeyFile(os.path.join(self.home, "no", "such", "keys")))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "fieldbook.db")))

    def test_a_logger_takes_the_lines(self):
        class Broken(f.HostClock):
            def now(self):
                raise OSError("no clock")

        with self.assertLogs("grid-wrapping", "WARNING") as logs:
            f.set_log(logging.getLogger("grid-wrapping"))
            with f.FieldBook.open(self.folder, self.keys, Broken()) as book:
                book.count(count())
            until = time.monotonic() + 10
            while not logs.output and time.monotonic() < until:
                time.sleep(0.05)
            f.set_log()
        self.assertIn("grid_ffi: the host's clock", logs.output[0])


class Awaited(VaultTest):
    def test_the_calls_can_be_awaited_many_at_once(self):
        async def play():
            async with await f.AsyncFieldBook.open(self.folder, self.keys) as book:
                saved = await asyncio.gather(*(book.count(count()) for _ in range(20)))
                self.assertEqual(sorted(record.seq for record in saved), list(range(1, 21)))
                with self.assertRaises(f.NotFoundError):
                    await book.sync()
                self.assertEqual(len(await book.records(limit=50)), 20)
            with self.assertRaises(f.ClosedError):
                await book.status()

        asyncio.run(play())

    def test_every_call_of_the_book_is_there(self):
        calls = {name for name in vars(f.FieldBook) if not name.startswith("_")}
        # A session is carried step by step: it is no call that waits.
        self.assertEqual(calls - set(vars(f.AsyncFieldBook)), {"begin_sync"})

    def test_a_cancelled_task_stops_its_sync(self):
        entered, cancelled = threading.Event(), []

        class Silent(f.Transport):
            def send(self, request, cancel):
                entered.set()
                while not cancel.is_cancelled():
                    time.sleep(0.01)
                cancelled.append(True)
                raise f.TransportError.NoLink(f.LinkProblem.LOST)

            def authority(self):
                return None

        async def play(book):
            running = asyncio.ensure_future(book.sync_over(Silent()))
            self.assertTrue(await asyncio.to_thread(entered.wait, 30))
            running.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await running
            while (await book.sync_over(Silent(), f.Budget(bytes=0))).outcome.is_ALREADY_RUNNING():
                await asyncio.sleep(0.02)

        book = enrolled(self.folder, self.keys)
        self.addCleanup(book.close)
        asyncio.run(play(f.AsyncFieldBook(book)))
        self.assertEqual(cancelled, [True])
        self.assertEqual(book.status().saved, 1)

    def test_a_cancelled_task_stops_its_enrolment(self):
        asked, over = threading.Event(), threading.Event()

        class Silent(f.Transport):
            def send(self, request, cancel):
                asked.set()
                over.wait(60)
                raise f.TransportError.NoLink(f.LinkProblem.LOST)

            def authority(self):
                return None

        async def play(book):
            running = asyncio.ensure_future(book.enroll_over(Silent(), TICKET, PHONE))
            self.assertTrue(await asyncio.to_thread(asked.wait, 30))
            running.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await running
            # The end of the loop waits for the thread: it would be 60 seconds.

        begun = time.monotonic()
        with f.FieldBook.open(self.folder, self.keys) as book:
            asyncio.run(play(f.AsyncFieldBook(book)))
            self.assertLess(time.monotonic() - begun, 20)
            self.assertIsNone(book.platform())
        over.set()

    def test_progress_may_be_a_function(self):
        seen = []

        class Later(f.Transport):
            def send(self, request, cancel):
                return f.HttpAnswer(status=503, headers=[], body=b"")

            def authority(self):
                return None

        with enrolled(self.folder, self.keys) as book:
            book.sync_over(Later(), progress=seen.append)
        self.assertEqual(seen[0].unsent, 1)


def enrolled(folder, keys):
    """A book with one record, enrolled with a platform that is gone by now."""
    import web

    server = web.Web(web.platform(web.portal))
    try:
        book = f.FieldBook.open(folder, keys)
        assert book.enroll(server.ticket(), PHONE).is_ENROLLED()
        book.count(count())
        return book
    finally:
        server.close()
