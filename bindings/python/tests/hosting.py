"""Code of the host that throws, dawdles or calls back: it stays the host's trouble."""

import os
import threading

import grid_ffi as g
from contract import BookTest, Clock, count, fix, patrol


class Hosting(BookTest):
    def test_times_are_the_hosts(self):
        clock = Clock()
        book = self.open(clock=clock)
        clock.wall_ms += 60_000
        self.assertEqual(count(book).recorded_at_ms, 1_767_571_260_000)
        running = patrol(book)
        clock.wall_ms += 3_600_000
        book.end_patrol(running)
        seen = book.patrol(running)
        self.assertEqual((seen.started_at_ms, seen.ended_at_ms), (1_767_571_260_000, 1_767_574_860_000))

    def test_a_fix_is_durable_within_fifteen_seconds_of_the_hosts_clock(self):
        clock = Clock()
        book = self.open(clock=clock)
        running = patrol(book)
        outcomes = []
        for number in range(8):
            clock.mono_ms += 5_000
            outcomes.append(book.record_fix(running, fix(number)))
        # The fourth, or a later one when the book's own flusher looked in between.
        self.assertEqual(outcomes[0], g.FixOutcome.BUFFERED)
        self.assertIn(g.FixOutcome.SAVED, outcomes)

    def test_a_day_is_the_day_in_shanghai(self):
        clock = Clock(wall_ms=1_767_542_340_000)  # 2026-01-04 23:59 there, still the afternoon in UTC
        book = self.open(clock=clock)
        count(book)
        clock.wall_ms += 120_000
        self.assertEqual(book.tally_today(), [])
        count(book, 5)
        self.assertEqual([view.total for view in book.tally_today()], [5])

    def test_a_clock_that_raises_does_not_stop_a_rescue(self):
        class Broken(g.HostClock):
            def now(self):
                raise OSError("no clock")

        class Odd(g.HostClock):
            def now(self):
                return "noon"

        for clock in (Broken(), Odd()):
            with self.subTest(type(clock).__name__):
                book = self.open(clock=clock)
                born = book.start_urgent(g.UrgentDraft(title="落水", place_text=""))
                self.assertGreater(born.saved.recorded_at_ms, 1_700_000_000_000)
                book.close()

    def test_a_clock_at_the_ends_of_time_does_not_crash(self):
        for wall, mono in ((2**63 - 1, 2**63 - 1), (-(2**63), -(2**63)), (0, 0)):
            clock = Clock()
            book = self.open(clock=clock, folder=f"{self.folder}-{wall}")
            clock.wall_ms, clock.mono_ms = wall, mono
            for call in (lambda: count(book), lambda: book.record_fix(patrol(book), fix()), book.self_check,
                         book.tally_today, book.status):
                try:
                    call()
                except g.FieldError:
                    pass
            clock.wall_ms, clock.mono_ms = Clock().wall_ms, 1_000
            count(book)
            book.close()

    def test_the_clock_is_read_while_nothing_is_locked(self):
        answers = []

        class Curious(Clock):
            """Looks into the book and writes in it, from another thread, before it says the time."""

            book = None
            looking = False

            def now(self):
                if self.book is not None and not self.looking:
                    self.looking = True
                    other = threading.Thread(target=lambda: count(self.book), daemon=True)
                    other.start()
                    other.join(20)
                    answers.append("waits" if other.is_alive() else "free")
                    self.looking = False
                return super().now()

        clock = Curious()
        book = self.open(clock=clock)
        clock.book = book
        for call in (lambda: count(book), lambda: patrol(book), book.status, lambda: book.records(0, 1),
                     lambda: book.attach(g.AttachmentDraft(role="other", mime="image/jpeg", content=b"x"))):
            self.within(60, call)
        clock.book = None
        self.assertEqual(answers, ["free"] * 5)
        self.assertEqual(len(book.records(0, 100)), 5 + 2)

    def test_a_clock_that_records_is_told_that_it_may_not(self):
        class Recording(Clock):
            book = None
            told = 0

            def now(inner):  # noqa: N805
                if inner.book is not None:
                    book, inner.book = inner.book, None
                    with self.refused(g.FieldError.Unavailable, obstacle=g.Obstacle.INSIDE_CALLBACK):
                        count(book)
                    inner.told, inner.book = inner.told + 1, book
                return super().now()

        clock = Recording()
        book = self.open(clock=clock)
        clock.book = book
        self.within(60, lambda: count(book))
        clock.book = None
        self.assertEqual((clock.told, book.status().saved), (1, 1))

    def test_a_clock_may_ask_the_book_itself(self):
        class Asking(Clock):
            book = None

            def now(self):
                if self.book is not None:
                    book, self.book = self.book, None
                    book.status()
                    self.book = book
                return super().now()

        clock = Asking()
        book = self.open(clock=clock)
        clock.book = book
        self.within(60, lambda: count(book))
        clock.book = None

    def test_a_key_vault_opens_and_records_nothing_from_inside(self):
        from contract import Keys

        open_already, other = self.open(folder=f"{self.folder}-open"), f"{self.folder}-other"
        refused = []

        class Nested(Keys):
            def wrap(inner, key):  # noqa: N805
                for call in (lambda: g.FieldBook.open(other, Keys()), lambda: g.LockedBook.open(other),
                             lambda: g.recover(other, Keys()), lambda: count(open_already)):
                    with self.refused(g.FieldError.Unavailable, obstacle=g.Obstacle.INSIDE_CALLBACK):
                        call()
                    refused.append(call)
                open_already.status()
                return super().wrap(key)

        self.within(60, lambda: self.open(Nested()))
        self.assertEqual(len(refused), 4)
        self.assertFalse(os.path.exists(other))
