"""Recording without a network: counters, patrols, cases, photos, and what is refused with its field."""

import inspect
import os
import uuid

import grid_ffi as g
from contract import POST, BookTest, count, fix, patrol, states

SAVED = g.RecordState.SAVED()


def observation(note="一切正常", **more):
    return g.ObservationDraft(kind="normal", note=note, **more)


def case(**changed):
    draft = {"case_kind": "hazard", "title": "井盖松动", "description": "踩上去会翻", "place_text": "东口"}
    return g.CaseDraft(**{**draft, **changed})


def photo(content, role="before"):
    return g.AttachmentDraft(role=role, mime="image/jpeg", content=content)


class Counting(BookTest):
    def test_a_tap_counts_exactly_once(self):
        book = self.open()
        seqs = [count(book, value).seq for value in range(1, 101)]
        self.assertEqual(seqs, list(range(1, 101)))
        self.assertEqual(book.tally_today(), [g.TallyView(count_kind="rescued", total=5050, entries=100)])
        self.assertEqual(states(book), [SAVED] * 100)

    def test_kinds_are_counted_apart(self):
        book = self.open()
        count(book, 2, "vessel_moved")
        count(book, 3, "island_entry_check")
        count(book, 4, "vessel_moved")
        totals = {view.count_kind: (view.total, view.entries) for view in book.tally_today()}
        self.assertEqual(totals, {"vessel_moved": (6, 2), "island_entry_check": (3, 1)})

    def test_a_correction_needs_its_reason(self):
        book = self.open()
        count(book, 5)
        for reason in (None, "", "  \n"):
            with self.subTest(reason), self.invalid("reason", "needs_reason"):
                count(book, -2, reason=reason)
        self.assertEqual(book.tally_today()[0].total, 5)
        count(book, -2, reason="多按了两次")
        self.assertEqual(book.tally_today(), [g.TallyView(count_kind="rescued", total=3, entries=2)])
        self.assertIn("多按了两次", book.records(0, 1)[0].words)

    def test_a_value_that_cannot_be_is_refused_and_never_crashes(self):
        book = self.open()
        for value in (0, 100_000_001, 2**63 - 1):
            with self.subTest(value), self.invalid("value", "out_of_range"):
                count(book, value)
        # The one number whose opposite does not exist.
        with self.assertRaises(g.FieldError):
            count(book, -(2**63), reason="最小的数")
        for value in (2**63, -(2**63) - 1):
            with self.subTest(value), self.assertRaises(ValueError):
                count(book, value)
        self.assertEqual(book.records(0, 10), [])
        count(book, 100_000_000)

    def test_a_count_belongs_to_a_patrol_that_is_there(self):
        book = self.open()
        running = patrol(book)
        count(book, 1, patrol=running)
        self.assertEqual(book.records(0, 1)[0].lane, f"count:{running}")
        with self.refused(g.FieldError.NotFound, what="patrol"):
            count(book, 1, patrol=str(uuid.uuid4()))


class Patrols(BookTest):
    def test_a_patrol_from_start_to_end(self):
        book = self.open()
        running = patrol(book)
        self.assertEqual(book.status().open_patrol, running)
        outcomes = {book.record_fix(running, fix(number)) for number in range(200)}
        self.assertLessEqual(outcomes, {g.FixOutcome.BUFFERED, g.FixOutcome.SAVED})
        at = g.Position(lat_e7=397_500_000, lon_e7=1_237_300_000, accuracy_dm=80)
        book.visit(running, g.VisitDraft(checkpoint="DL-01-1", proof="gps", position=at))
        book.visit(running, g.VisitDraft(checkpoint="DL-01-2", proof="none", unlocated_reason="basement"))
        book.observe(running, observation())
        book.pause_patrol(running)
        self.assertEqual(book.patrol(running).status, g.PatrolStatus.PAUSED)
        book.resume_patrol(running)
        book.end_patrol(running)
        seen = book.patrol(running)
        self.assertEqual((seen.patrol_type, seen.transport, seen.post), ("coastline", "foot", POST))
        self.assertEqual((seen.status, seen.fixes), (g.PatrolStatus.ENDED, 200))
        self.assertGreaterEqual(seen.ended_at_ms, seen.started_at_ms)
        self.assertEqual(book.patrols(10), [seen])
        self.assertIsNone(book.status().open_patrol)
        kinds = [record.kind for record in book.records(0, 100)]
        self.assertEqual(sorted(set(kinds)), [
            "checkpoint_visited", "observed", "patrol_ended", "patrol_paused", "patrol_resumed", "patrol_started",
            "track_segment",
        ])

    def test_what_is_over_takes_nothing_more(self):
        book = self.open()
        running = patrol(book)
        book.end_patrol(running)
        before = len(book.records(0, 100))
        for call in (
            lambda: book.record_fix(running, fix()),
            lambda: book.observe(running, observation()),
            lambda: book.visit(running, g.VisitDraft(checkpoint="DL-01-1", proof="qr")),
            lambda: book.pause_patrol(running),
            lambda: book.resume_patrol(running),
            lambda: book.end_patrol(running),
        ):
            with self.invalid("patrol", "wrong_state"):
                call()
        self.assertEqual(len(book.records(0, 100)), before)

    def test_a_fix_off_the_earth_is_refused(self):
        book = self.open()
        running = patrol(book)
        for lat, lon in ((910_000_000, 0), (0, 1_810_000_000), (-(2**31), 0)):
            draft = g.FixDraft(lat_e7=lat, lon_e7=lon, accuracy_dm=1, speed_cms=0)
            with self.subTest((lat, lon)), self.invalid("fix", "out_of_range"):
                book.record_fix(running, draft)
        for edge in ((900_000_000, 1_800_000_000), (-900_000_000, -1_800_000_000)):
            book.record_fix(running, g.FixDraft(lat_e7=edge[0], lon_e7=edge[1], accuracy_dm=2**32 - 1, speed_cms=0))
        self.assertEqual(book.patrol(running).fixes, 2)

    def test_two_thousand_fixes_are_all_kept(self):
        book = self.open()
        running = patrol(book)
        for number in range(2_000):
            book.record_fix(running, fix(number))
        book.end_patrol(running)
        self.assertEqual(book.patrol(running).fixes, 2_000)
        segments = [record for record in book.records(0, 100) if record.kind == "track_segment"]
        self.assertGreaterEqual(len(segments), 2)


class Cases(BookTest):
    def test_a_matter_is_born_here_and_its_report_follows(self):
        book = self.open()
        dispute = g.DisputeDraft(
            dispute_type="neighbour", scale="under_50", involved_count=3,
            parties=[g.Party(role="A", label="三楼住户"), g.Party(role="B", label="二楼住户")],
        )
        born = book.report_case(case(case_kind="dispute", title="漏水纠纷", dispute=dispute))
        told = g.ReportDraft(
            result="mediated_agreed", narrative="双方同意各付一半", measures=["mediated", "recorded_only"],
            party_told="yes", agreement="written", self_handled=True,
        )
        book.submit_case(born.case_id, told)
        seen = book.cases(10)
        self.assertEqual([(view.id, view.title, view.reports, view.urgent, view.own) for view in seen],
                         [(born.case_id, "漏水纠纷", 1, False, SAVED)])

    def test_a_rescue_waits_for_nothing(self):
        book = self.open()
        born = book.start_urgent(g.UrgentDraft(title="", place_text=""))
        for step in ("received", "departed", "on_scene", "contact_made", "safe", "handed_over"):
            book.urgent_milestone(born.case_id, step)
        kept = book.attach(photo(b"rescue", "during"))
        book.submit_case(born.case_id, g.ReportDraft(
            result="emergency_handled", narrative="两人已上岸", attachments=[kept]))
        seen = book.cases(1)[0]
        self.assertEqual((seen.urgent, seen.case_kind, seen.reports), (True, "urgent", 1))
        lanes = {record.lane for record in book.records(0, 100)}
        self.assertEqual(lanes, {f"urgent:{born.case_id}"})

    def test_only_a_rescue_has_milestones(self):
        book = self.open()
        born = book.report_case(case())
        with self.invalid("case", "wrong_state"):
            book.urgent_milestone(born.case_id, "safe")

    def test_search_finds_two_characters(self):
        book = self.open()
        book.report_case(case(title="王五家漏水"))
        book.report_case(case(title="李四家漏电"))
        self.assertEqual([found.kind for found in book.search("王五").records], ["case_reported"])
        self.assertEqual(len(book.search("漏").records), 2)
        self.assertEqual(book.search("赵六"), g.Found(tasks=[], records=[]))
        with self.invalid("text", "empty"):
            book.search("  ")

    def test_records_come_in_pages_from_the_newest(self):
        book = self.open()
        for value in range(1, 8):
            count(book, value)
        pages, before = [], 0
        while page := book.records(before, 3):
            pages.append([record.seq for record in page])
            before = page[-1].seq
        self.assertEqual(pages, [[7, 6, 5], [4, 3, 2], [1]])

    def test_a_fresh_vault_is_sound_and_says_that_it_is_not_enrolled(self):
        book = self.open()
        count(book)
        checks = {check.name: check.ok for check in book.self_check()}
        self.assertEqual(checks, {"database": True, "chain": True, "lifeboat": True, "attachments": True,
                                  "space": True, "key": True, "enrolment": False, "outbox": True, "clock": True})
        status = book.status()
        self.assertEqual((status.worker, status.server, status.last_contact_ms), (None, None, None))
        self.assertEqual((status.saved, status.received, status.parked), (1, 0, 0))


class Photos(BookTest):
    def test_eight_mebibytes_are_kept_once_and_named(self):
        book = self.open()
        content = os.urandom(8 * 1024 * 1024)
        kept = book.attach(photo(content))
        again = book.attach(photo(content, "after"))
        self.assertEqual(kept.sha256(), again.sha256())
        self.assertRegex(kept.sha256(), "^[0-9a-f]{64}$")
        self.assertEqual(book.status().photos_waiting, 1)
        book.observe(patrol(book), observation(attachments=[kept, again]))
        self.assertEqual(book.records(0, 1)[0].photos, 2)
        book.close()
        book = self.open()
        self.assertEqual(book.status().photos_waiting, 1)
        self.assertTrue({check.name: check.ok for check in book.self_check()}["attachments"])

    def test_the_edges_of_an_attachment(self):
        book = self.open()
        with self.invalid("content", "empty"):
            book.attach(photo(b""))
        with self.invalid("content", f"too_many:{20 * 1024 * 1024}"):
            book.attach(photo(bytes(20 * 1024 * 1024 + 1)))
        with self.invalid("mime", "empty"):
            book.attach(g.AttachmentDraft(role="other", mime=" ", content=b"x"))
        book.attach(photo(bytes(20 * 1024 * 1024)))
        book.attach(photo(b"x"))
        self.assertEqual(book.status().photos_waiting, 2)

    def test_a_record_names_at_most_twenty(self):
        book = self.open()
        running = patrol(book)
        kept = [book.attach(photo(bytes([number + 1]))) for number in range(21)]
        with self.invalid("attachments", "too_many:20"):
            book.observe(running, observation(attachments=kept))
        book.observe(running, observation(attachments=kept[:20]))
        self.assertEqual(book.records(0, 1)[0].photos, 20)

    def test_an_attachment_outlives_the_object_that_named_it(self):
        book = self.open()
        kept = book.attach(photo(b"kept"))
        book.close()
        book.reopen()
        book.observe(patrol(book), observation(attachments=[kept]))
        self.assertEqual(book.records(0, 1)[0].photos, 1)


class Refusals(BookTest):
    def test_a_term_nobody_knows_names_its_field(self):
        book = self.open()
        running = patrol(book)
        urgent = book.start_urgent(g.UrgentDraft(title="", place_text="")).case_id
        before = len(book.records(0, 100))

        def report(**changed):
            return book.submit_case(urgent, g.ReportDraft(**{"result": "not_found", "narrative": "", **changed}))

        def dispute(**changed):
            draft = {"dispute_type": "neighbour", "scale": "under_50", "involved_count": 2}
            return book.report_case(case(dispute=g.DisputeDraft(**{**draft, **changed})))

        def start(**changed):
            draft = {"patrol_type": "sea", "transport": "boat", "post": POST}
            return book.start_patrol(g.PatrolDraft(**{**draft, **changed}))

        calls = {
            "kind": lambda odd: count(book, 1, odd),
            "patrol_type": lambda odd: start(patrol_type=odd),
            "transport": lambda odd: start(transport=odd),
            "proof": lambda odd: book.visit(running, g.VisitDraft(checkpoint="C", proof=odd)),
            "unlocated_reason": lambda odd: book.visit(
                running, g.VisitDraft(checkpoint="C", proof="none", unlocated_reason=odd)),
            "case_kind": lambda odd: book.report_case(case(case_kind=odd)),
            "dispute_type": lambda odd: dispute(dispute_type=odd),
            "scale": lambda odd: dispute(scale=odd),
            "parties": lambda odd: dispute(parties=[g.Party(role=odd, label="")]),
            "result": lambda odd: report(result=odd),
            "measures": lambda odd: report(measures=["cleaned", odd]),
            "party_told": lambda odd: report(party_told=odd),
            "agreement": lambda odd: report(agreement=odd),
            "role": lambda odd: book.attach(photo(b"x", odd)),
            "milestone": lambda odd: book.urgent_milestone(urgent, odd),
        }
        for field, call in calls.items():
            for odd in ("", "no_such_term", "Rescued", "code_1", "code_9999"):
                with self.subTest(field, odd=odd), self.invalid(field, "unknown"):
                    call(odd)
        with self.subTest("observation"), self.invalid("kind", "unknown"):
            book.observe(running, g.ObservationDraft(kind="rescued", note=""))
        self.assertEqual(len(book.records(0, 100)), before)

    def test_a_text_that_is_no_id_names_its_field_and_an_unknown_id_what_it_is(self):
        book = self.open()
        told = g.ReportDraft(result="not_found", narrative="")
        calls = {
            "task": [book.task, book.accept, book.arrive, lambda some: book.submit(some, told)],
            "patrol": [book.patrol, book.end_patrol, lambda some: book.record_fix(some, fix()),
                       lambda some: book.observe(some, observation())],
            "case": [lambda some: book.urgent_milestone(some, "safe"), lambda some: book.submit_case(some, told)],
        }
        for what, asked in calls.items():
            for number, call in enumerate(asked):
                with self.subTest(what, number=number):
                    with self.invalid(what, "not_an_id"):
                        call("42")
                    with self.refused(g.FieldError.NotFound, what=what):
                        call(str(uuid.uuid4()))

    def test_what_is_missing_or_elsewhere_names_its_field(self):
        book = self.open()
        running = patrol(book)
        away = g.Position(lat_e7=910_000_000, lon_e7=0)
        with self.invalid("post", "empty"):
            book.count(g.CountDraft(kind="rescued", value=1, post=" "))
        with self.invalid("checkpoint", "empty"):
            book.visit(running, g.VisitDraft(checkpoint="", proof="qr"))
        with self.invalid("title", "empty"):
            book.report_case(case(title=""))
        with self.invalid("narrative", "too_short:5"):
            book.submit_case(book.report_case(case()).case_id, g.ReportDraft(result="solved", narrative="好了"))
        with self.invalid("point", "out_of_range"):
            book.observe(running, observation(position=away))
        with self.refused(g.FieldError.NotFound, what="parked record"):
            book.retry(9_999)

    def test_errors_are_eight_kinds_and_none_has_a_field_that_kotlin_cannot_have(self):
        kinds = {name for name, kind in vars(g.FieldError).items() if isinstance(kind, type)}
        self.assertEqual(kinds, {"InvalidInput", "NotFound", "Closed", "Unavailable", "StorageFull", "DatabaseTooNew",
                                 "Damaged", "Internal"})
        # `message` is a property of every exception there.
        self.assertNotIn("self.message", inspect.getsource(g))
