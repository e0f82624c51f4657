package cn.gridfieldbook

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** A text that was cut within an emoji keeps nothing from being saved. */
class TextsTest {
    @Test
    fun `half of an emoji is saved as a replacement character`() = inBook { book ->
        val title = "井盖松动😀".dropLast(1)
        val draft = CaseDraft(caseKind = "hazard", title = title, description = "踩上去会翻$title", placeText = "东口")
        book.reportCase(draft)
        assertEquals("井盖松动\uFFFD", book.cases(10u).single().title)
        assertEquals(1, book.records(0u, 10u).size)
    }

    @Test
    fun `half of an emoji is looked for and not found`() = inBook { book ->
        val found = book.search("\uD83D")
        assertEquals(0, found.tasks.size + found.records.size)
    }
}
