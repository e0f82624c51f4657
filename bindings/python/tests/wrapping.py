"""What the package adds to the generated module: errors with a text, closing by itself, `asyncio`, plain values, a key file."""

import asyncio
import concurrent.futures
import hashlib
import json
import logging
import os
import pickle
import shutil
import stat
import subprocess
import sys
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


def photo(content):
    return f.AttachmentDraft(role="other", mime="image/jpeg", content=content)


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

    def test_an_error_of_an_app_has_a_text(self):
        class Wrong(f.InvalidInputError):
            pass

        class Odd(f.FieldBookError):
            pass

        with unittest.mock.patch.dict(os.environ, {"LC_ALL": "C"}):
            self.assertEqual((str(f.FieldBookError("x")), str(Odd("y"))), ("x", "y"))
            self.assertEqual(str(Wrong("title", "empty")), str(f.InvalidInputError("title", "empty")))
            self.assertEqual(str(Odd()), str(f.InternalError("Odd")))
        self.assertEqual(Odd("y").explain("en"), f.InternalError("Odd").explain("en"))

    def test_a_wrong_argument_is_told_without_generated_names(self):
        wrong = "an argument is not of the type that this call takes"
        range_ = "a number is out of the range that this call takes"
        with self.open() as book:
            for call, kind, text in (
                (lambda: book.count({"kind": "rescued"}), TypeError, wrong),
                (lambda: book.count(count("2")), TypeError, wrong),
                (lambda: book.records(limit=-1), ValueError, range_),
                (lambda: book.records(before=2**64), ValueError, range_),
                (lambda: book.plan_sync({}), TypeError, wrong),
                (lambda: book.sync({}), TypeError, wrong),
                (lambda: book.sync(cancel=0), TypeError, wrong),
                (lambda: book.enroll(TICKET, {}), TypeError, wrong),
                (lambda: book.sync_over(print), TypeError, wrong),
                (lambda: book.attach({}), TypeError, wrong),
                (lambda: book.attach(photo("text")), TypeError, wrong),
                (lambda: book.attach(photo([1, 2])), TypeError, wrong),
                (lambda: f.FieldBook.open(self.folder, None), TypeError, wrong),
                (lambda: f.FieldBook.open(self.folder, self.keys, time), TypeError, wrong),
                (lambda: f.set_log(print), TypeError, wrong),
                (lambda: book.sync(progress=5), TypeError, "progress is a ProgressListener or can be called"),
            ):
                with self.subTest(text), self.assertRaises(kind) as caught:
                    call()
                self.assertEqual(str(caught.exception), text)
                self.assertTrue(caught.exception.__cause__ is None)

    def test_what_an_app_raises_itself_is_not_rewritten(self):
        class Draft:
            @property
            def kind(self):
                raise AttributeError("of the app")

        with self.open() as book, self.assertRaisesRegex(AttributeError, "of the app"):
            book.count(Draft())

    def test_content_may_be_any_bytes_and_not_too_many(self):
        raw = bytes(range(64))
        with self.open() as book:
            kept = {
                book.attach(photo(content)).sha256()
                for content in (raw, bytearray(raw), memoryview(raw), memoryview(raw).cast("I"),
                                memoryview(raw).cast("B", (8, 8)), memoryview(raw + raw)[:64])
            }
            self.assertEqual(kept, {hashlib.sha256(raw).hexdigest()})
            for content in (bytes(2**31), memoryview(bytes(2**31 - 1023))):
                with self.assertRaises(f.InvalidInputError) as caught:
                    book.attach(photo(content))
                self.assertEqual((caught.exception.field, caught.exception.detail), ("content", "too_large"))

    def test_an_answer_that_is_cut_is_told_as_the_librarys_fault(self):
        reads = grid_ffi._UniffiFfiConverterSequenceTypeTaskView
        task = f.TaskView(
            id="1", no="DL-1", title="井盖松动", description="", case_kind="hazard", level="simple", status="rework",
            grid_code="210681005002003", place_text="东口", created_at_ms=-1, due_at_ms=2**63 - 1, light=f.DueLight.RED,
            reason="照片不清", late_report=True, own=None,
            extension=f.ExtensionView(state="pending", wanted_due_ms=5, answer=None),
        )
        whole = grid_ffi._UniffiRustBufferBuilder()
        reads.write([task, task], whole)
        self.assertEqual(reads.lift(whole.finalize()), [task, task])
        for size in range(len(whole)):
            with self.subTest(size), self.assertRaises(grid_ffi.InternalError):
                reads.lift(grid_ffi._UniffiRustBufferBuilder(whole[:size]).finalize())

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
        self.assertEqual(sorted(os.listdir(self.home)), ["keys", "keys.lock", "other", "vault"])
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.home, "keys.lock")).st_mode), 0o600)

    def test_vaults_made_at_once_over_one_key_file_all_open_again(self):
        folders = [os.path.join(self.home, f"vault-{number}") for number in range(16)]

        def make(folder):
            with f.FieldBook.open(folder, f.KeyFile(self.keys.path)) as book:
                book.count(count())

        with concurrent.futures.ThreadPoolExecutor(len(folders)) as threads:
            list(threads.map(make, folders))
        made = "import sys, grid_fieldbook as f; f.FieldBook.open(sys.argv[1], f.KeyFile(sys.argv[2])).close()"
        others = [os.path.join(self.home, f"other-{number}") for number in range(8)]
        makers = [subprocess.Popen([sys.executable, "-c", made, folder, str(self.keys.path)]) for folder in others]
        self.assertEqual([maker.wait(60) for maker in makers], [0] * len(others))
        self.assertEqual(len(self.keys.path.read_text().split()), len(folders) + len(others))
        for folder in folders + others:
            f.FieldBook.open(folder, self.keys).close()

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
            self.assertTrue((await book.sync_over(Silent(), f.Budget(bytes=0))).outcome.is_BUDGET_SPENT())

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

    def test_a_record_that_is_being_written_goes_on_though_its_task_is_cancelled_twice(self):
        begun, go = threading.Event(), threading.Event()

        class Slow(f.HostClock):
            is_slow = False

            def now(self):
                if self.is_slow:
                    begun.set()
                    go.wait(30)
                return f.ClockReading(wall_ms=1_767_571_200_000, mono_ms=1_000, boot=7)

        async def play(book, clock):
            clock.is_slow = True
            writing = asyncio.ensure_future(book.count(count()))
            self.assertTrue(await asyncio.to_thread(begun.wait, 30))
            for _ in range(2):
                writing.cancel()
                await asyncio.sleep(0.05)
                self.assertFalse(writing.done())
            clock.is_slow = False
            go.set()
            with self.assertRaises(asyncio.CancelledError):
                await writing
            self.assertEqual((await book.status()).saved, 1)

        clock = Slow()
        with f.FieldBook.open(self.folder, self.keys, clock) as book:
            asyncio.run(play(f.AsyncFieldBook(book), clock))

    def test_an_opening_that_is_cancelled_closes_its_book(self):
        begun, go = threading.Event(), threading.Event()

        class Slow(f.KeyFile):
            def wrap(self, key):
                begun.set()
                go.wait(30)
                return super().wrap(key)

        async def play():
            opening = asyncio.ensure_future(f.AsyncFieldBook.open(self.folder, Slow(self.keys.path)))
            self.assertTrue(await asyncio.to_thread(begun.wait, 30))
            opening.cancel()
            await asyncio.sleep(0.05)
            self.assertFalse(opening.done())
            go.set()
            with self.assertRaises(asyncio.CancelledError):
                await opening
            # One that is open would hold the folder.
            await (await f.AsyncFieldBook.open(self.folder, self.keys)).close()

        asyncio.run(play())

    def test_a_call_that_no_thread_took_up_does_not_begin(self):
        async def play(book):
            loop, held = asyncio.get_running_loop(), threading.Event()
            loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(1))
            holding = loop.run_in_executor(None, held.wait, 30)
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(book.count(count()), 0.1)
            held.set()
            await holding
            self.assertEqual((await book.status()).saved, 0)

        with self.open() as book:
            asyncio.run(play(f.AsyncFieldBook(book)))

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
