"""One book, many threads."""

import threading

import grid_ffi as g
from contract import BookTest, Clock, count, patrol

THREADS = 16
TAPS = 40


def at_once(calls):
    """Runs the calls together and gives back what each answered or raised."""
    answers = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(index, call):
        start.wait()
        try:
            answers[index] = call()
        except Exception as error:  # noqa: BLE001 - the test judges it
            answers[index] = error

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return answers


class Threads(BookTest):
    def test_sixteen_threads_count_and_the_sum_is_exact(self):
        for clock in (None, Clock()):
            with self.subTest(clock=clock is not None):
                book = self.open(clock=clock, folder=f"{self.folder}-{clock is not None}")
                answers = at_once([lambda n=n: [count(book, n + 1).seq for _ in range(TAPS)] for n in range(THREADS)])
                seqs = sorted(seq for answer in answers for seq in answer)
                self.assertEqual(seqs, list(range(1, THREADS * TAPS + 1)))
                total = TAPS * THREADS * (THREADS + 1) // 2
                self.assertEqual(book.tally_today(),
                                 [g.TallyView(count_kind="rescued", total=total, entries=THREADS * TAPS)])
                self.assertTrue(all(check.ok for check in book.self_check() if check.name != "enrolment"))

    def test_reading_goes_on_while_others_write(self):
        book = self.open()
        running = patrol(book)

        def write():
            return [count(book, patrol=running).seq for _ in range(TAPS)]

        def read():
            return [len(book.records(0, 10_000)) for _ in range(TAPS)]

        answers = at_once([write, read] * 4)
        for seen in answers[1::2]:
            self.assertEqual(seen, sorted(seen), "a record was seen to vanish")
        self.assertEqual(len(book.records(0, 10_000)), 4 * TAPS + 1)

    def test_closing_under_way_saves_or_says_closed_and_nothing_between(self):
        book = self.open()

        def tap():
            saved = 0
            try:
                for _ in range(2_000):
                    count(book)
                    saved += 1
            except g.FieldError.Closed:
                pass
            return saved

        answers = at_once([tap] * 6 + [lambda: threading.Event().wait(0.2) or book.close()])
        self.assertIsNone(answers[-1])
        book.reopen()
        self.assertEqual(book.status().saved, sum(answers[:-1]))
        self.assertEqual([view.total for view in book.tally_today()], [sum(answers[:-1])])

    def test_of_sixteen_openers_of_a_new_vault_one_gets_it_and_keeps_it(self):
        answers = at_once([self.open] * THREADS)
        book, = [answer for answer in answers if isinstance(answer, g.FieldBook)]
        count(book)
        book.close()
        self.assertEqual(self.open().status().saved, 1)

    def test_of_sixteen_openers_of_an_old_vault_one_gets_it(self):
        self.open().close()
        answers = at_once([self.open] * THREADS)
        opened = [answer for answer in answers if isinstance(answer, g.FieldBook)]
        told = [answer for answer in answers if isinstance(answer, g.FieldError.Unavailable)]
        self.assertEqual((len(opened), len(told)), (1, THREADS - 1), answers)
