"""Words come back as they were given, byte for byte, up to their limits."""

import grid_ffi as g
from contract import BookTest, count, patrol

WORDS = {
    "beyond the basic plane": "𠮷野家门口 🚤🏝️👨‍👩‍👧‍👦",
    "NUL": "前\x00后\x00",
    "a byte order mark": "\ufeff正文\ufeff",
    "combining and order": "e\u0301 é \u202eשלום\u202c مرحبا ก็",
    "lines and tabs": "一\n二\r\n三\t四\u2028五\u0085六",
    "control and delete": "".join(map(chr, range(1, 32))) + "\x7f",
    "noncharacters and the last one": "\ufffe\uffff\U0010fffe\U0010ffff",
    "what SQL and JSON would stumble over": "'; DROP TABLE change; -- \\ \" {} %s ${x}",
    "spaces at both ends": "  \u3000空格\u3000  ",
}


class Texts(BookTest):
    def test_words_come_back_byte_for_byte(self):
        book = self.open()
        running = patrol(book)
        for words in WORDS.values():
            book.observe(running, g.ObservationDraft(kind="other", note=words))
        book.close()
        records = self.open().records(0, len(WORDS))
        for (name, words), record in zip(reversed(WORDS.items()), records):
            with self.subTest(name):
                self.assertEqual(record.words.encode(), words.encode())

    def test_titles_and_places_come_back_byte_for_byte(self):
        book = self.open()
        for words in WORDS.values():
            book.report_case(g.CaseDraft(case_kind="other", title=words[:40], description=words, place_text=words))
        given = {(words[:40].encode(), words.encode()) for words in WORDS.values()}
        self.assertEqual({(view.title.encode(), view.place_text.encode()) for view in book.cases(100)}, given)

    def test_a_thousand_characters_fit_whatever_their_bytes(self):
        book = self.open()
        born = book.start_urgent(g.UrgentDraft(title="", place_text="")).case_id
        for letter in ("a", "海", "𠮷", "\x00", "\ufeff"):
            fits = letter * 1_000
            with self.subTest(letter):
                book.submit_case(born, g.ReportDraft(result="not_found", narrative=fits))
                self.assertEqual(book.records(0, 1)[0].words.encode(), fits.encode())
                with self.invalid("narrative", "too_long:1000"):
                    book.submit_case(born, g.ReportDraft(result="not_found", narrative=fits + letter))

    def test_the_other_limits_count_characters_too(self):
        book = self.open()
        running = patrol(book)
        case = {"case_kind": "other", "title": "题", "description": "", "place_text": ""}

        def report_case(**changed):
            return book.report_case(g.CaseDraft(**{**case, **changed}))

        limits = {
            ("title", 40): lambda words: report_case(title=words),
            ("description", 1_000): lambda words: report_case(description=words),
            ("place_text", 120): lambda words: report_case(place_text=words),
            ("note", 500): lambda words: book.observe(running, g.ObservationDraft(kind="other", note=words)),
            ("reason", 500): lambda words: count(book, -1, reason=words),
        }
        for (field, most), call in limits.items():
            with self.subTest(field):
                call("𠮷" * most)
                with self.invalid(field, f"too_long:{most}"):
                    call("𠮷" * (most + 1))

    def test_half_a_character_keeps_no_text_from_being_saved(self):
        book = self.open()
        running = patrol(book)
        book.observe(running, g.ObservationDraft(kind="other", note="半个\ud842"))
        self.assertEqual(len(book.records(0, 10)), 2)
        self.assertEqual(len(book.search("半个\ufffd").records), 1)

    def test_a_post_nobody_ever_heard_of_is_kept_as_it_was_given(self):
        book = self.open()
        draft = g.PatrolDraft(patrol_type="sea", transport="boat", post="𠮷\x00\ufeff")
        running = book.start_patrol(draft).patrol
        self.assertEqual(book.patrol(running).post, "𠮷\x00\ufeff")
