"""Ctrl-C during a call that waits, and the end of a process whose callbacks still run. Each in a process: `ending.py WHAT FOLDER`."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grid_fieldbook as f
from grid_fieldbook.callbacks import Call

HERE = os.path.abspath(__file__)
TICKET = "grid:http://127.0.0.1:9#code=ABCD-EFGH"
PHONE = f.PhoneDraft(phone="00000000-0000-4000-8000-000000000001", label="一号机", platform="linux", app_version="0.1.0")


class Ending(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="grid-ending-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)

    def play(self, what):
        command = [sys.executable, HERE, what, os.path.join(self.home, "vault")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def ends_well(self, what, said):
        done = self.play(what)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, said, ""))

    def test_ctrl_c_breaks_off_a_sync_over_a_silent_carrier(self):
        self.ends_well("interrupted_sync", "interrupted\nBUDGET_SPENT\n")

    def test_ctrl_c_once_more_waits_for_the_end_all_the_same(self):
        self.ends_well("interrupted_twice", "ended\ninterrupted\n")

    def test_ctrl_c_breaks_off_an_enrolment(self):
        self.ends_well("interrupted_enrolment", "interrupted\nnone\n")

    def test_ctrl_c_stops_the_program_of_an_async_sync(self):
        self.ends_well("interrupted_loop", "interrupted\nBUDGET_SPENT\n")

    def test_what_a_progress_function_raises_to_end_the_program_ends_the_sync(self):
        self.ends_well("exit_in_progress", "SystemExit 7\nBUDGET_SPENT\n")

    def test_what_a_progress_function_raises_to_end_the_program_ends_the_loop(self):
        self.ends_well("exit_in_loop", "SystemExit 7\nBUDGET_SPENT\n")

    def test_what_a_carrier_raises_to_end_the_program_ends_the_sync(self):
        self.ends_well("exit_in_carrier", "KeyboardInterrupt\nBUDGET_SPENT\n")

    def test_a_callback_on_the_main_thread_begins_no_sync(self):
        self.ends_well("sync_in_a_clock", "INSIDE_CALLBACK\n")

    def test_a_slow_log_with_lines_that_wait_lets_the_process_end(self):
        begun = time.monotonic()
        self.ends_well("slow_log", "")
        # The lines that wait would take ten seconds and more.
        self.assertLess(time.monotonic() - begun, 9)

    def test_a_carrier_that_was_left_behind_lets_the_process_end(self):
        for _ in range(3):
            self.ends_well("left_behind", "CANCELLED\nended\n")
            shutil.rmtree(os.path.join(self.home, "vault"))


class Carrier(f.Transport):
    """Does what the play says and is never answered."""

    def __init__(self, send):
        self._send = send

    def send(self, request, cancel):
        self._send(cancel)
        raise f.TransportError.NoLink(f.LinkProblem.LOST)

    def authority(self):
        return None


class Lingering:
    """Makes the interpreter take its time to go: a callback that comes back meanwhile would abort the process."""

    def __del__(self, sleep=time.sleep):
        sleep(1.5)


def say(*words):
    print(*words, flush=True)


def until_cancelled(cancel):
    while not cancel.is_cancelled():
        time.sleep(0.01)


def interrupting(cancel):
    os.kill(os.getpid(), signal.SIGINT)
    until_cancelled(cancel)


def enrolled(folder):
    from wrapping import enrolled as made

    return made(folder, f.KeyFile(f"{folder}.key"))


def outcome_after(book):
    """Whether the call has ended: a sync is possible at once."""
    outcome = book.sync_over(Carrier(lambda _: None), f.Budget(bytes=0)).outcome
    say(str(outcome).partition(".")[2].partition("(")[0])


def interrupted_sync(folder):
    with enrolled(folder) as book:
        try:
            book.sync_over(Carrier(interrupting))
        except KeyboardInterrupt:
            say("interrupted")
        outcome_after(book)


def interrupted_twice(_):
    def slow():
        interrupting(call.cancel)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
        say("ended")

    call = Call(None)
    try:
        call.ended(slow)
    except KeyboardInterrupt:
        say("interrupted")


def interrupted_enrolment(folder):
    with f.FieldBook.open(folder, f.KeyFile(f"{folder}.key")) as book:
        try:
            book.enroll_over(Carrier(interrupting), TICKET, PHONE)
        except KeyboardInterrupt:
            say("interrupted")
        say("none" if book.platform() is None else "enrolled")


def interrupted_loop(folder):
    with enrolled(folder) as book:
        try:
            asyncio.run(f.AsyncFieldBook(book).sync_over(Carrier(interrupting)))
        except KeyboardInterrupt:
            say("interrupted")
        outcome_after(book)


def exit_in_progress(folder):
    with enrolled(folder) as book:
        try:
            book.sync_over(Carrier(lambda _: None), progress=lambda _: sys.exit(7))
        except SystemExit as error:
            say("SystemExit", error.code)
        outcome_after(book)


def exit_in_loop(folder):
    with enrolled(folder) as book:
        try:
            asyncio.run(f.AsyncFieldBook(book).sync_over(Carrier(lambda _: None), progress=lambda _: sys.exit(7)))
        except SystemExit as error:
            say("SystemExit", error.code)
        outcome_after(book)


def exit_in_carrier(folder):
    def send(_):
        raise KeyboardInterrupt

    with enrolled(folder) as book:
        try:
            book.sync_over(Carrier(send))
        except KeyboardInterrupt:
            say("KeyboardInterrupt")
        outcome_after(book)


def sync_in_a_clock(folder):
    class Curious(f.HostClock):
        book = None

        def now(self):
            if self.book is not None:
                book, self.book = self.book, None
                try:
                    book.enroll_over(Carrier(lambda _: None), TICKET, PHONE)
                except f.UnavailableError as error:
                    say(error.obstacle.name)
            return f.ClockReading(wall_ms=1_767_571_200_000, mono_ms=1_000, boot=7)

    clock = Curious()
    with f.FieldBook.open(folder, f.KeyFile(f"{folder}.key"), clock) as book:
        clock.book = book
        book.count(f.CountDraft(kind="rescued", value=1, post="DL-01"))


def slow_log(folder):
    class Slow(f.Log):
        def log(self, line):
            heard.set()
            time.sleep(1)

    def broken(_):
        raise RuntimeError("the screen is gone")

    sys.lingering = Lingering()
    heard = threading.Event()
    f.set_log(Slow())
    with enrolled(folder) as book:
        for _ in range(10):
            book.sync_over(Carrier(lambda _: None), f.Budget(bytes=0), progress=broken)
            book.sync_over(Carrier(broken), f.Budget(duration_ms=50))
    assert heard.wait(20)


def left_behind(folder):
    def send(_):
        cancel.cancel()
        time.sleep(0.5)
        say("ended")

    sys.lingering = Lingering()
    cancel = f.CancelToken()
    with enrolled(folder) as book:
        say(str(book.sync_over(Carrier(send), cancel=cancel).outcome).partition(".")[2].partition("(")[0])


if __name__ == "__main__":
    # A shell without job control starts what is to run beside it deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    globals()[sys.argv[1]](sys.argv[2])
