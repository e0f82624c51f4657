"""What is left when the process is killed or the disk is full."""

import json
import os
import shutil
import signal
import subprocess
import sys

import grid_ffi as g
from contract import BookTest, count, fix, states

HERE = os.path.dirname(os.path.abspath(__file__))


class Surviving(BookTest):
    def child(self, what):
        command = [sys.executable, os.path.join(HERE, "child.py"), what, self.folder]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def test_a_patrol_survives_sigkill(self):
        child = self.child("walk")
        running = child.stdout.readline().strip()
        told = 0
        while told < 50:
            told = int(child.stdout.readline())
        child.kill()
        for line in child.stdout:
            told = int(line)
        self.assertEqual(child.wait(), -signal.SIGKILL)

        book = self.open()
        seen = book.patrol(running)
        self.assertEqual((seen.status, book.status().open_patrol), (g.PatrolStatus.STARTED, running))
        # The last fix may have been kept without anybody being told.
        self.assertIn(seen.fixes, (told, told + 1))
        book.record_fix(running, fix())
        book.end_patrol(running)
        ended = book.patrol(running)
        self.assertEqual((ended.status, ended.fixes), (g.PatrolStatus.ENDED, seen.fixes + 1))
        kinds = [record.kind for record in book.records(0, 100)]
        self.assertEqual(kinds[0], "patrol_ended")
        self.assertEqual((kinds.count("patrol_started"), kinds.count("track_segment")), (1, len(kinds) - 2))

    def test_counts_survive_sigkill_exactly_once(self):
        told = 0
        for _ in range(3):
            child = self.child("tap")
            said = [int(child.stdout.readline()) for _ in range(20)]
            child.kill()
            said += [int(line) for line in child.stdout]
            child.wait()
            book = self.open()
            entries = [view.entries for view in book.tally_today()]
            total = [view.total for view in book.tally_today()]
            records = book.records(0, 10_000)
            # Nothing that was told as saved is missing, nothing is there twice, at most the last one was not told.
            self.assertEqual([record.seq for record in records], list(range(len(records), 0, -1)))
            self.assertEqual(said, list(range(told + 1, told + 1 + len(said))))
            self.assertIn(len(records), (said[-1], said[-1] + 1))
            self.assertEqual((entries, total), ([len(records)], [len(records)]))
            self.assertTrue(all(check.ok for check in book.self_check() if check.name != "enrolment"))
            told = len(records)
            book.close()

    def test_buffered_fixes_are_there_after_close(self):
        book = self.open()
        draft = g.PatrolDraft(patrol_type="sea", transport="boat", post="DL-02")
        running = book.start_patrol(draft).patrol
        self.assertEqual(book.record_fix(running, fix()), g.FixOutcome.BUFFERED)
        book.flush_fixes()
        book.record_fix(running, fix(1))
        book.close()
        self.assertEqual(self.open().patrol(running).fixes, 2)

    def test_a_full_disk_is_told_and_nothing_saved_is_lost(self):
        unshare = shutil.which("unshare")
        if unshare is None:
            self.skipTest("no small disk to fill: unshare is not installed")
        own = [unshare, "-m"] if os.geteuid() == 0 else [unshare, "-rm"]
        disk = os.path.join(self.home, "disk")
        os.mkdir(disk)
        mount = f'mount -t tmpfs -o size=3m tmpfs "{disk}"'
        if subprocess.run([*own, "sh", "-c", mount], capture_output=True).returncode != 0:
            self.skipTest("no small disk to fill: this user may not mount one")
        child = f'{mount} && exec "{sys.executable}" "{HERE}/child.py" fill "{disk}/vault"'
        done = subprocess.run([*own, "sh", "-c", child], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        self.assertIn("StorageFull", seen["photo_error"])
        self.assertIn("StorageFull", seen["count_error"])
        self.assertEqual(seen["kept"], seen["taken"])
        self.assertEqual((seen["after"], seen["again"]), (seen["taken"] + 1, seen["taken"] + 1))
        self.assertEqual(seen["checks"] | {"enrolment": True, "space": True}, dict.fromkeys(seen["checks"], True))

    def test_a_copy_of_a_running_vault_is_what_a_killed_process_leaves(self):
        book = self.open()
        for value in range(1, 6):
            count(book, value)
        copy = os.path.join(self.home, "copy")
        shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns("*-shm", "lock"))
        other = self.open(folder=copy)
        self.assertEqual(states(other), [g.RecordState.SAVED()] * 5)
        self.assertEqual([view.total for view in other.tally_today()], [15])
