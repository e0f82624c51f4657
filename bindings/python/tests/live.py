"""Against the real platform, when its binary is built: enrolment, sync, tasks, photos, and what it says of them."""

import json
import os
import subprocess
import threading

import grid_ffi as g
import web
from contract import POST, BookTest, count, fix, patrol, phone, states

PLATFORM = os.environ.get("GRID_PLATFORM", "")
POSTS = """
[[post]]
code = "DL-01"
name = "码头"
lat = 39.75
lon = 123.73

[[post.checkpoint]]
code = "DL-01-1"
name = "售票口"
lat = 39.7501
lon = 123.7301
radius_m = 50
"""
TASK = {"title": "楼道堆放杂物", "description": "三单元二楼", "case_kind": "hazard", "level": "general", "holder_job_no": "P01",
        "place_text": "三单元"}


class LivePlatform(BookTest):
    def setUp(self):
        if not os.access(PLATFORM, os.X_OK):
            self.skipTest(f"the platform is not built: there is no {PLATFORM or 'grid-platform'}")
        super().setUp()
        self.data = os.path.join(self.home, "platform")
        self.port = web.free_port()
        self.admin("init")
        self.admin("org", "add", "--name", "大鹿岛边境派出所", "--prefix", "DL")
        self.admin("post", "--org", "DL", self.file("posts.toml", POSTS))
        person = ("user", "add", "--org", "DL", "--display-name")
        self.admin(*person, "民警甲", "--name", "jia", "--job-no", "P01", "--role", "border_officer", "--post", POST)
        password = self.file("password", "a long enough password 1\n")
        self.admin(*person, "值班员", "--name", "duty", "--job-no", "D01", "--role", "duty_officer",
                   "--password-file", password)

    def file(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def admin(self, *words):
        done = subprocess.run([PLATFORM, "admin", "--data", self.data, *words], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def ticket(self):
        said = self.admin("code", "issue", "--worker", "P01", "--url", f"http://127.0.0.1:{self.port}")
        return next(line for line in said.splitlines() if line.startswith("grid:"))

    def serve(self):
        log = open(os.path.join(self.home, "platform.log"), "w+", encoding="utf-8")
        self.addCleanup(log.close)
        server = subprocess.Popen(
            [PLATFORM, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE, stderr=log, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(self.stop, server)
        said = []
        reader = threading.Thread(target=lambda: said.append(server.stdout.readline()), daemon=True)
        reader.start()
        reader.join(60)
        if not said or "http://" not in said[0]:
            log.seek(0)
            self.fail(f"the platform did not come up: {said} {log.read()}")
        return server

    @staticmethod
    def stop(server):
        if server.poll() is None:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def sync(self, book):
        return self.within(180, lambda: book.sync(g.Budget(), g.CancelToken(), None))

    def enrolled(self):
        ticket = self.ticket()
        server = self.serve()
        book = self.open()
        self.assertEqual(book.enroll(ticket, phone()), g.EnrollOutcome.ENROLLED())
        return book, server, ticket

    def test_records_are_received_once_and_only_then_say_so(self):
        book, server, ticket = self.enrolled()
        self.assertEqual(book.status().worker.job_no, "P01")
        running = patrol(book)
        for number in range(30):
            book.record_fix(running, fix(number))
        for value in range(1, 21):
            count(book, value, patrol=running)
        kept = book.attach(g.AttachmentDraft(role="during", mime="image/jpeg", content=os.urandom(300_000)))
        book.observe(running, g.ObservationDraft(kind="crowd", note="𠮷\x00\ufeff 码头人多", attachments=[kept]))
        book.end_patrol(running)
        records = len(states(book))
        self.assertEqual(states(book), [g.RecordState.SAVED()] * records)

        report = self.sync(book)
        self.assertEqual(report.outcome, g.SyncOutcome.COMPLETE(), report)
        self.assertEqual((report.received, report.parked, report.photos_done), (records, 0, 1))
        self.assertIsNone(report.wait_ms)
        self.assertEqual(states(book), [g.RecordState.RECEIVED()] * records)
        status = book.status()
        self.assertEqual((status.saved, status.received, status.photos_waiting, status.photos_stored), (0, records, 0, 1))
        self.assertTrue(all(check.ok for check in book.self_check()), book.self_check())

        again = self.sync(book)
        self.assertEqual((again.outcome, again.received), (g.SyncOutcome.COMPLETE(), 0))

        other = self.open(folder=f"{self.folder}-other")
        self.assertEqual(other.enroll(ticket, phone()), g.EnrollOutcome.REFUSED("code_used"))

    def test_a_task_comes_is_worked_on_offline_and_goes_back(self):
        book, server, _ = self.enrolled()
        self.stop(server)
        self.admin("tasks", "--by", "D01", self.file("tasks.jsonl", json.dumps(TASK, ensure_ascii=False) + "\n"))
        server = self.serve()
        report = self.sync(book)
        self.assertEqual(report.outcome, g.SyncOutcome.COMPLETE(), report)
        self.assertEqual([post.code for post in book.posts()], [POST])
        task, = book.tasks(True, 10)
        self.assertEqual((task.title, task.status, task.own), (TASK["title"], "assigned", None))
        self.assertEqual([found.id for found in book.search("杂物").tasks], [task.id])

        self.stop(server)
        book.accept(task.id)
        book.arrive(task.id, g.Position(lat_e7=397_500_000, lon_e7=1_237_300_000))
        book.submit(task.id, g.ReportDraft(result="solved", narrative="已清理干净", measures=["cleaned"], party_told="yes"))
        report = self.sync(book)
        self.assertTrue(report.outcome.is_NO_LINK(), report)
        seen = book.task(task.id)
        self.assertEqual((seen.status, seen.own), ("submitted", g.RecordState.SAVED()))

        self.serve()
        report = self.sync(book)
        self.assertEqual((report.outcome, report.received), (g.SyncOutcome.COMPLETE(), 3), report)
        seen = book.task(task.id)
        self.assertEqual((seen.status, seen.own), ("submitted", g.RecordState.RECEIVED()))

    def test_a_wrong_code_is_refused_and_leaves_the_vault_as_it_was(self):
        ticket = self.ticket()
        self.serve()
        book = self.open()
        count(book)
        wrong = ticket.partition("#")[0] + "#code=ZZZZ-ZZZZ"
        self.assertTrue(book.enroll(wrong, phone()).is_REFUSED())
        self.assertEqual((states(book), book.status().worker), ([g.RecordState.SAVED()], None))
        self.assertEqual(book.enroll(ticket, phone()), g.EnrollOutcome.ENROLLED())
        self.assertEqual(self.sync(book).received, 1)
