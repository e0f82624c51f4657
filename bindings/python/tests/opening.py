"""Opening, closing, and everything that can be wrong with a vault."""

import gc
import os
import subprocess
import sys

import grid_ffi as g
from contract import POST, BookTest, Keys, count, fix, patrol, phone

HERE = os.path.dirname(os.path.abspath(__file__))
# The newest schema this build knows (core/store/src/migrate.rs).
SCHEMA = 7


class Silent(g.Transport):
    """Is never asked."""

    def send(self, request, cancel):
        raise AssertionError("a closed book makes no request")

    def authority(self):
        raise AssertionError("a closed book asks nothing")


def carried(book):
    """What a session says that was begun on this book; it begins all the same, and says how it ended in its report."""
    session = book.begin_sync(g.Budget())
    if session.next_request() is not None:
        raise AssertionError("a closed book makes no request")
    return session.report()


class Opening(BookTest):
    def test_a_vault_keeps_its_records_over_close_and_open(self):
        book = self.open()
        device = book.status().device
        saved = count(book, 3)
        book.close()
        again = self.open()
        self.assertEqual(again.status().device, device)
        self.assertEqual([record.seq for record in again.records(0, 10)], [saved.seq])

    def test_reopen_takes_up_where_close_left_off(self):
        book = self.open()
        count(book)
        book.close()
        book.reopen()
        book.reopen()
        count(book)
        self.assertEqual(book.status().saved, 2)

    def test_every_call_after_close_says_closed(self):
        book = self.open()
        running = patrol(book)
        case = book.start_urgent(g.UrgentDraft(title="落水", place_text="东口")).case_id
        book.close()
        book.close()
        calls = {
            "count": lambda: count(book),
            "start_patrol": lambda: patrol(book),
            "record_fix": lambda: book.record_fix(running, fix()),
            "visit": lambda: book.visit(running, g.VisitDraft(checkpoint="DL-01-1", proof="qr")),
            "observe": lambda: book.observe(running, g.ObservationDraft(kind="normal", note="")),
            "pause_patrol": lambda: book.pause_patrol(running),
            "resume_patrol": lambda: book.resume_patrol(running),
            "end_patrol": lambda: book.end_patrol(running),
            "patrol": lambda: book.patrol(running),
            "patrols": lambda: book.patrols(1),
            "start_urgent": lambda: book.start_urgent(g.UrgentDraft(title="", place_text="")),
            "urgent_milestone": lambda: book.urgent_milestone(case, "safe"),
            "report_case": lambda: book.report_case(
                g.CaseDraft(case_kind="hazard", title="井盖", description="", place_text="")
            ),
            "submit_case": lambda: book.submit_case(case, g.ReportDraft(result="not_found", narrative="")),
            "cases": lambda: book.cases(1),
            "attach": lambda: book.attach(g.AttachmentDraft(role="other", mime="image/jpeg", content=b"x")),
            "tasks": lambda: book.tasks(True, 1),
            "task": lambda: book.task(running),
            "accept": lambda: book.accept(running),
            "arrive": lambda: book.arrive(running),
            "submit": lambda: book.submit(running, g.ReportDraft(result="not_found", narrative="")),
            "posts": lambda: book.posts(),
            "records": lambda: book.records(0, 1),
            "parked": lambda: book.parked(1),
            "retry": lambda: book.retry(1),
            "amend": lambda: book.amend(1, "再说一遍"),
            "export": lambda: book.export(1),
            "flush_fixes": lambda: book.flush_fixes(),
            "search": lambda: book.search("落水"),
            "status": lambda: book.status(),
            "tally_today": lambda: book.tally_today(),
            "self_check": lambda: book.self_check(),
            "sync": lambda: book.sync(g.Budget(), g.CancelToken()),
            "sync_over": lambda: book.sync_over(Silent(), g.Budget(), g.CancelToken()),
            "begin_sync": lambda: carried(book),
            "plan_sync": lambda: book.plan_sync(g.Budget()),
            "network_changed": lambda: book.network_changed(g.Network.METERED),
            "enroll": lambda: book.enroll("grid:http://127.0.0.1:9#code=ABCD-EFGH", phone()),
            "enroll_again": lambda: book.enroll_again("grid:http://127.0.0.1:9#code=ABCD-EFGH", phone()),
            "enroll_over": lambda: book.enroll_over(Silent(), "grid:http://127.0.0.1:9#code=ABCD-EFGH", phone()),
            "platform": lambda: book.platform(),
            "waiting": lambda: book.waiting(1),
            "request_extension": lambda: book.request_extension(running, 1, "风大"),
            "retry_photo": lambda: book.retry_photo("0" * 64),
            "support_bundle": lambda: book.support_bundle(),
            "suspend": lambda: book.suspend(),
        }
        for name, call in calls.items():
            with self.subTest(name), self.refused(g.FieldError.Closed):
                call()
        every = {name for name in vars(g.FieldBook) if not name.startswith("_")}
        self.assertEqual(every - set(calls), {"open", "close", "reopen"})
        # What it means can be asked of no book at all.
        self.assertEqual(g.explain(g.FieldError.Closed(), "zh-CN").code, "closed")

    def test_the_second_opener_in_this_process_is_told(self):
        book = self.open()
        with self.refused(g.FieldError.Unavailable, obstacle=g.Obstacle.ALREADY_OPEN):
            self.open()
        count(book)
        self.assertEqual(book.status().saved, 1)

    def test_the_second_opener_in_another_process_is_told(self):
        book = self.open()
        child = [sys.executable, os.path.join(HERE, "child.py"), "open", self.folder]
        held = subprocess.run(child, capture_output=True, text=True, timeout=60)
        self.assertEqual(held.stdout.strip(), "Unavailable ALREADY_OPEN", held.stderr)
        book.close()
        free = subprocess.run(child, capture_output=True, text=True, timeout=60)
        self.assertEqual(free.stdout.strip(), "opened", free.stderr)

    def test_an_object_that_is_let_go_lets_its_vault_go(self):
        book = g.FieldBook.open(self.folder, Keys())
        count(book)
        del book
        gc.collect()
        # The thread that flushes fixes may hold it for the blink of one look.
        self.assertEqual(self.open().status().saved, 1)

    def test_a_locked_key_vault_is_waited_for(self):
        book = self.open()
        count(book)
        book.close()
        before = self.digests()

        class Locked(Keys):
            def unwrap(self, wrapped):
                raise g.HostError.Locked()

        with self.refused(g.FieldError.Unavailable, obstacle=g.Obstacle.LOCKED):
            self.open(Locked())
        self.assertEqual(self.digests(), before)
        self.assertEqual(self.open().status().saved, 1)

    def test_a_key_vault_that_is_locked_from_the_beginning_leaves_nothing_behind(self):
        class Locked(Keys):
            def wrap(self, key):
                raise g.HostError.Locked()

        with self.refused(g.FieldError.Unavailable, obstacle=g.Obstacle.LOCKED):
            self.open(Locked())
        self.assertFalse(os.path.exists(self.database()))
        count(self.open())

    def test_a_key_vault_that_raises_is_isolated_and_its_words_stay_out(self):
        class Broken(Keys):
            def unwrap(self, wrapped):
                raise RuntimeError("王五 13800000000")

        self.open().close()
        before = self.digests()
        with self.assertRaises(g.FieldError.Internal) as caught:
            self.open(Broken())
        self.assertIn("RuntimeError", caught.exception.detail)
        self.assertNotIn("138", caught.exception.detail)
        self.assertEqual(self.digests(), before)
        count(self.open())

    def test_a_key_vault_that_answers_nonsense_is_isolated(self):
        self.open().close()
        for answer in ("not bytes", None, 7):
            class Odd(Keys):
                def unwrap(self, wrapped, answer=answer):
                    return answer

            with self.subTest(answer), self.assertRaises((g.FieldError.Internal, g.FieldError.Damaged)):
                self.open(Odd())
        self.open()

    def test_another_key_or_a_lost_one_is_damage_and_changes_nothing(self):
        book = self.open()
        count(book)
        book.close()
        before = self.digests()

        class Lost(Keys):
            def unwrap(self, wrapped):
                raise g.HostError.Lost()

        class Other(Keys):
            def unwrap(self, wrapped):
                return bytes(32)

        class Short(Keys):
            def unwrap(self, wrapped):
                return b"too short"

        for keys in (Lost(), Other(), Short()):
            with self.subTest(type(keys).__name__), self.refused(g.FieldError.Damaged):
                self.open(keys)
        self.assertEqual(self.digests(), before)
        self.assertEqual(self.open().status().saved, 1)

    def test_a_database_without_its_key_gets_no_new_one(self):
        self.open().close()
        os.rename(os.path.join(self.folder, "key"), os.path.join(self.home, "key"))
        before = self.digests()
        with self.refused(g.FieldError.Damaged):
            self.open()
        self.assertEqual(self.digests(), before)
        os.rename(os.path.join(self.home, "key"), os.path.join(self.folder, "key"))
        self.open()

    def test_a_damaged_database_is_told_and_left_byte_for_byte(self):
        book = self.open()
        count(book)
        book.close()
        with open(self.database(), "rb") as file:
            good = file.read()
        damages = {
            "its salt": bytes(16) + good[16:],
            "its first page": good[:100] + bytes(64) + good[164:],
            "noise": os.urandom(len(good)),
            "its first kilobyte only": good[:1024],
        }
        for name, bad in damages.items():
            with open(self.database(), "wb") as file:
                file.write(bad)
            before = self.digests()
            with self.subTest(name), self.refused(g.FieldError.Damaged):
                self.open()
            self.assertEqual(self.digests(), before, name)
        with open(self.database(), "wb") as file:
            file.write(good)
        self.assertEqual(self.open().status().saved, 1)

    def test_a_newer_schema_is_told_and_left_byte_for_byte(self):
        tool = os.environ.get("GRID_NEWER_SCHEMA", "")
        if not os.access(tool, os.X_OK):
            self.skipTest("the example newer_schema of grid-ffi is not built")
        book = self.open()
        count(book)
        book.close()
        with open(os.path.join(self.folder, "key"), "rb") as file:
            key = Keys().unwrap(file.read()).hex()
        subprocess.run([tool, self.folder, key, "99"], check=True, timeout=60)
        before = self.digests()
        with self.refused(g.FieldError.DatabaseTooNew, found=99, supported=SCHEMA):
            self.open()
        self.assertEqual(self.digests(), before)
        subprocess.run([tool, self.folder, key, str(SCHEMA)], check=True, timeout=60)
        self.assertEqual(self.open().status().saved, 1)

    def test_the_key_is_wrapped_once_and_asked_for_at_each_opening(self):
        keys = Keys()
        self.open(keys).close()
        book = self.open(keys)
        book.close()
        book.reopen()
        self.assertEqual(keys.calls, ["wrap", "unwrap"])
        with open(os.path.join(self.folder, "key"), "rb") as file:
            self.assertTrue(file.read().startswith(Keys.MARK))

    def test_nothing_in_the_vault_can_be_read_without_the_key(self):
        book = self.open()
        words = "楼道堆放杂物 unmistakable"
        case = g.CaseDraft(case_kind="hazard", title=words[:20], description=words, place_text=POST)
        photo = b"JFIF unmistakable photo" * 1_000
        kept = book.attach(g.AttachmentDraft(role="before", mime="image/jpeg", content=photo))
        case.attachments = [kept]
        book.report_case(case)
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    stored = file.read()
                self.assertNotIn(b"unmistakable", stored, name)
                self.assertNotIn("楼道".encode(), stored, name)

    def test_a_folder_that_cannot_be_one_is_an_error_of_ours(self):
        blocked = os.path.join(self.home, "file")
        with open(blocked, "w", encoding="utf-8"):
            pass
        for folder, detail in ((blocked, "not_a_folder"), (self.folder + "\x00", "nul"), ("", "empty")):
            with self.subTest(folder), self.invalid("folder", detail):
                g.FieldBook.open(folder, Keys())
        with self.assertRaises(g.FieldError.Internal):
            g.FieldBook.open(os.path.join(blocked, "below"), Keys())
