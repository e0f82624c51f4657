"""Enrolment where there is no platform: nothing is lost, and what came of it is a value."""

import os
import socket

import grid_ffi as g
import web
from contract import BookTest, count, phone, states

SAVED = g.RecordState.SAVED()
NO_LINK = g.EnrollOutcome.NO_LINK


class Enrolling(BookTest):
    def web(self, answer):
        server = web.Web(answer)
        self.addCleanup(server.close)
        return server

    def assert_untouched(self, book, records):
        self.assertEqual(states(book), [SAVED] * records)
        status = book.status()
        self.assertEqual((status.worker, status.server, status.received, status.saved), (None, None, 0, records))

    def test_a_text_that_is_no_ticket_says_why(self):
        book = self.open()
        for text, detail in {
            "": "not_a_ticket",
            "ABCD-EFGH": "not_a_ticket",
            "grid:http://127.0.0.1:1": "not_a_ticket",
            "grid:http://127.0.0.1:1#code=": "not_a_ticket",
            "grid:https://grid.example#code=A&ca=xyz": "not_a_ticket",
            "grid:平台#code=A": "not_an_address",
            "grid:http://10.0.0.8:8787#code=A": "plain_off_loopback",
            "grid:https://grid.example#code=A": "no_authority",
        }.items():
            with self.subTest(text), self.invalid("ticket", detail):
                book.enroll(text, phone())

    def test_a_phone_without_id_or_name_is_refused(self):
        book = self.open()
        ticket = f"grid:http://127.0.0.1:{web.free_port()}#code=ABCD-EFGH"
        odd = phone()
        odd.phone = "一号机"
        with self.invalid("phone", "not_an_id"):
            book.enroll(ticket, odd)
        nameless = phone()
        nameless.label = " "
        with self.invalid("phone_label", "empty"):
            book.enroll(ticket, nameless)

    def test_a_closed_port_leaves_records_saved(self):
        book = self.open()
        count(book)
        outcome = book.enroll(f"grid:http://127.0.0.1:{web.free_port()}#code=ABCD-EFGH", phone())
        self.assertEqual(outcome, NO_LINK(g.LinkProblem.NOTHING_LISTENS))
        count(book)
        self.assert_untouched(book, 2)

    def test_a_captive_portal_leaves_records_saved(self):
        book = self.open()
        count(book)
        portal = self.web(web.portal)
        self.assertEqual(book.enroll(portal.ticket(), phone()), g.EnrollOutcome.NOT_OUR_PLATFORM())
        self.assertEqual(portal.asked_for("/v1/enroll"), 1)
        self.assert_untouched(book, 1)

    def test_a_portal_that_redirects_is_not_followed(self):
        book = self.open()
        login = self.web(web.portal)
        moved = self.web(lambda path, body: (302, {"location": login.address + "/login"}, b""))
        self.assertEqual(book.enroll(moved.ticket(), phone()), g.EnrollOutcome.NOT_OUR_PLATFORM())
        self.assertEqual(login.requests, [])

    def test_other_answers_are_not_believed(self):
        book = self.open()
        count(book)
        for body in (b"", b"GFN1", b"GFN1" + os.urandom(200), b"GFN1\xbf" + b"\x9f" * 5_000, web.PAGE * 1_000):
            server = self.web(lambda path, asked, body=body: (200, {}, body))
            with self.subTest(body[:8]):
                self.assertEqual(book.enroll(server.ticket(), phone()), g.EnrollOutcome.NOT_OUR_PLATFORM())
        self.assert_untouched(book, 1)

    def test_an_echo_of_another_enrolment_is_not_believed(self):
        book = self.open()
        first = self.web(web.platform(web.portal))
        spare = self.open(folder=f"{self.folder}-spare")
        self.assertEqual(spare.enroll(first.ticket(), phone()), g.EnrollOutcome.ENROLLED())
        recorded = web.enrolled(first.requests[0][1])
        echo = self.web(lambda path, body: recorded)
        self.assertEqual(book.enroll(echo.ticket(), phone()), g.EnrollOutcome.NOT_OUR_PLATFORM())
        self.assert_untouched(book, 0)

    def test_a_server_without_tls_is_not_spoken_to_under_a_tls_ticket(self):
        server = self.web(web.platform(web.portal))
        book = self.open()
        ticket = server.ticket().replace("http:", "https:") + "&ca=" + "ab" * 32
        outcome = book.enroll(ticket, phone())
        self.assertTrue(outcome.is_NO_LINK(), outcome)
        self.assertEqual(server.requests, [])

    def test_a_connection_that_is_hung_up_is_lost(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            import threading

            def hang_up():
                peer, _ = listener.accept()
                peer.recv(1024)
                peer.close()

            threading.Thread(target=hang_up, daemon=True).start()
            book = self.open()
            outcome = book.enroll(f"grid:http://127.0.0.1:{port}#code=ABCD-EFGH", phone())
        self.assertEqual(outcome, NO_LINK(g.LinkProblem.LOST))

    def test_an_enrolled_vault_knows_its_worker_and_stays_his(self):
        server = self.web(web.platform(web.portal))
        book = self.open()
        count(book)
        self.assertEqual(book.enroll(server.ticket(), phone()), g.EnrollOutcome.ENROLLED())
        self.assertEqual(book.enroll(server.ticket(), phone()), g.EnrollOutcome.ALREADY_ENROLLED())
        book.close()
        status = self.open().status()
        worker = g.Worker(display_name="民警 P01", job_no="P01", org_name="大鹿岛边境派出所", phone_label="一号机")
        self.assertEqual((status.worker, status.server), (worker, server.address))
        self.assertEqual((status.saved, status.received), (1, 0))
