"""Sync where the platform is away, silent, strange or elsewhere. Saved stays saved, and nothing says more."""

import threading
import time

import grid_ffi as g
import web
from contract import BookTest, Clock, count, patrol, phone, states

SAVED = g.RecordState.SAVED()
RECORDS = 5


class Listener(g.ProgressListener):
    """Keeps what it was told, and does what the test says."""

    def __init__(self, then=lambda: None):
        self.seen, self.then = [], then

    def on_progress(self, progress):
        self.seen.append(progress)
        self.then()


class Syncing(BookTest):
    def enrolled(self, then, clock=None):
        """A book with some records, enrolled with a platform that answers a sync with `then`."""
        server = web.Web(web.platform(then))
        self.addCleanup(server.close)
        book = self.open(clock=clock)
        for value in range(1, RECORDS + 1):
            count(book, value)
        self.assertEqual(book.enroll(server.ticket(), phone()), g.EnrollOutcome.ENROLLED())
        return book, server

    def sync(self, book, listener=None, budget=None, cancel=None):
        return self.within(120, lambda: book.sync(budget or g.Budget(), cancel or g.CancelToken(), listener))

    def assert_only_saved(self, book):
        self.assertEqual(states(book), [SAVED] * len(states(book)))
        self.assertEqual(book.status().received, 0)

    def test_an_unenrolled_vault_says_so(self):
        book = self.open()
        with self.refused(g.FieldError.NotFound, what="enrolment"):
            self.sync(book)

    def test_what_answers_for_the_platform_decides_the_outcome_and_never_the_records(self):
        answers = {
            "a portal": (web.portal, g.SyncOutcome.NOT_OUR_PLATFORM()),
            "a redirect": (lambda *_: (302, {"location": "/login"}, b""), g.SyncOutcome.NOT_OUR_PLATFORM()),
            "a portal's 511": (lambda *_: (511, {}, web.PAGE), g.SyncOutcome.NOT_OUR_PLATFORM()),
            "an overloaded server": (lambda *_: (503, {}, b"later"), g.SyncOutcome.TRY_LATER()),
            "too many requests": (lambda *_: (429, {}, b""), g.SyncOutcome.TRY_LATER()),
            "an empty answer": (lambda *_: (200, {}, b""), g.SyncOutcome.NOT_OUR_PLATFORM()),
            "our mark and noise": (lambda *_: (200, {}, b"GFA1" + bytes(range(256))), g.SyncOutcome.NOT_OUR_PLATFORM()),
        }
        for name, (then, outcome) in answers.items():
            with self.subTest(name):
                self.folder = f"{self.home}/{name}"
                book, server = self.enrolled(then)
                report = self.sync(book)
                self.assertEqual(report.outcome, outcome)
                self.assertEqual((report.received, report.parked, report.pulled), (0, 0, 0))
                self.assertGreater(report.wait_ms, 0)
                self.assertGreaterEqual(server.asked_for("/v1/sync"), 1)
                self.assert_only_saved(book)

    def test_a_platform_that_is_gone_is_no_link_and_a_time_to_try_again(self):
        book, server = self.enrolled(web.portal)
        server.close()
        report = self.sync(book)
        self.assertEqual(report.outcome, g.SyncOutcome.NO_LINK(g.LinkProblem.NOTHING_LISTENS))
        self.assertGreater(report.wait_ms, 0)
        self.assertLessEqual(report.wait_ms, 15 * 60 * 1000)
        self.assertGreaterEqual(report.lost, 1)
        count(book)
        self.assert_only_saved(book)

    def test_the_same_batch_is_offered_again_byte_for_byte(self):
        book, server = self.enrolled(web.portal)
        self.sync(book)
        count(book)
        book.close()
        book.reopen()
        self.sync(book)
        sent = [body for path, body in server.requests if path == "/v1/sync"]
        self.assertGreaterEqual(len(sent), 2)
        self.assertEqual(set(sent), {sent[0]})

    def test_a_token_that_was_cancelled_before_sends_nothing(self):
        book, server = self.enrolled(web.portal)
        cancel = g.CancelToken()
        cancel.cancel()
        self.assertTrue(cancel.is_cancelled())
        self.assertEqual(self.sync(book, cancel=cancel).outcome, g.SyncOutcome.CANCELLED())
        self.assertEqual(server.asked_for("/v1/sync"), 0)
        self.assert_only_saved(book)

    def test_a_token_ends_a_wait_for_a_silent_platform(self):
        book, server = self.enrolled(lambda *_: None)
        cancel = g.CancelToken()
        server.asked.clear()

        def stop():
            server.asked.wait(60)
            cancel.cancel()

        threading.Thread(target=stop, daemon=True).start()
        begun = time.monotonic()
        report = self.sync(book, cancel=cancel)
        self.assertEqual(report.outcome, g.SyncOutcome.CANCELLED())
        # Silence alone would have taken 30 seconds.
        self.assertLess(time.monotonic() - begun, 20)
        self.assert_only_saved(book)

    def test_a_budget_of_nothing_sends_nothing(self):
        book, server = self.enrolled(web.portal)
        for budget in (g.Budget(bytes=0), g.Budget(duration_ms=0)):
            self.assertEqual(self.sync(book, budget=budget).outcome, g.SyncOutcome.BUDGET_SPENT())
        self.assertEqual(server.asked_for("/v1/sync"), 0)

    def test_a_listener_that_raises_does_not_break_the_sync(self):
        book, server = self.enrolled(web.portal)
        quiet = Listener()
        report = self.sync(book, quiet)

        def broken():
            raise RuntimeError("the screen is gone")

        def host_error():
            raise g.HostError.Failed("the screen is gone")

        for then in (broken, host_error):
            loud = Listener(then)
            self.assertEqual(self.sync(book, loud).outcome, report.outcome)
            self.assertEqual(len(loud.seen), len(quiet.seen))
        self.assertGreaterEqual(len(quiet.seen), 1)
        self.assertEqual(quiet.seen[0], g.SyncProgress(received=0, unsent=RECORDS, photos_done=0, photos_waiting=0))
        self.assert_only_saved(book)

    def test_a_listener_looks_and_records_nothing_and_a_sync_in_a_sync_does_not_wait_for_itself(self):
        book, server = self.enrolled(web.portal)
        looked, refused, inner = [], [], []

        def use():
            looked.append((book.status().saved, len(book.records(0, 100)), len(book.waiting(100))))
            for record in (lambda: count(book), lambda: patrol(book), book.close):
                with self.refused(g.FieldError.Unavailable, obstacle=g.Obstacle.INSIDE_CALLBACK):
                    record()
                refused.append(record)
            inner.append(book.sync(g.Budget(), g.CancelToken(), None).outcome)

        self.sync(book, Listener(use))
        self.assertGreaterEqual(len(inner), 1)
        self.assertEqual(set(looked), {(RECORDS, RECORDS, RECORDS)})
        self.assertEqual(len(refused), 3 * len(inner))
        self.assertEqual(set(map(str, inner)), {str(g.SyncOutcome.ALREADY_RUNNING())})
        count(book)
        self.assertEqual(book.status().saved, RECORDS + 1)
        self.assertEqual(self.sync(book).outcome, g.SyncOutcome.NOT_OUR_PLATFORM())

    def test_work_goes_on_while_a_sync_waits(self):
        book, server = self.enrolled(lambda *_: None)
        cancel = g.CancelToken()
        server.asked.clear()
        outcome = []
        running = threading.Thread(
            target=lambda: outcome.append(book.sync(g.Budget(), cancel, None).outcome), daemon=True)
        running.start()
        self.assertTrue(server.asked.wait(60))
        for _ in range(20):
            self.within(20, lambda: count(book))
        self.assertEqual(self.sync(book).outcome, g.SyncOutcome.ALREADY_RUNNING())
        self.assertEqual(len(self.within(20, lambda: book.records(0, 100))), RECORDS + 20)
        cancel.cancel()
        running.join(60)
        self.assertEqual(outcome, [g.SyncOutcome.CANCELLED()])

    def test_closing_under_a_sync_is_told_and_loses_nothing(self):
        book, server = self.enrolled(lambda *_: None)
        cancel = g.CancelToken()
        server.asked.clear()
        ended = []

        def run():
            try:
                ended.append(book.sync(g.Budget(), cancel, None).outcome)
            except g.FieldError as error:
                ended.append(error)

        running = threading.Thread(target=run, daemon=True)
        running.start()
        self.assertTrue(server.asked.wait(60))
        self.within(60, book.close)
        server.released.set()
        running.join(60)
        self.assertIsInstance(ended[0], g.FieldError.Closed)
        book.reopen()
        self.assertEqual(book.status().saved, RECORDS)

    def test_a_clock_may_look_into_the_book_during_a_sync(self):
        class Curious(Clock):
            book = None
            stuck = False

            def now(self):
                if self.book is not None:
                    book, self.book = self.book, None
                    other = threading.Thread(target=lambda: count(book), daemon=True)
                    other.start()
                    other.join(20)
                    self.stuck |= other.is_alive()
                    self.book = book
                return super().now()

        clock = Curious()
        book, server = self.enrolled(web.portal, clock)
        clock.book = book
        self.sync(book)
        clock.book = None
        self.assertFalse(clock.stuck)
        self.assertGreater(book.status().saved, RECORDS)
