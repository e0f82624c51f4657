package cn.gridfieldbook

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** What an app hands over crosses as it was, whatever the app's own code does while it is read. */
class CrossingTest {
    /** An app's own list may make its items when they are asked for, and ask the library for that. */
    private class Curious(private val photo: KeptAttachment) : AbstractList<KeptAttachment>() {
        override val size = 1

        override fun get(index: Int): KeptAttachment {
            repeat(100) { photo.sha256() }
            return photo
        }
    }

    @Test
    fun `a list that asks the library while it crosses leaves what crossed before it alone`() = inBook { book ->
        val photo = book.attach(AttachmentDraft(role = "before", mime = "image/jpeg", content = ByteArray(100) { it.toByte() }))
        val titles = List(20) { "井盖松动 $it" }
        for (title in titles) {
            val draft = CaseDraft(caseKind = "hazard", title = title, description = title.repeat(9), placeText = "东口")
            book.reportCase(draft.copy(attachments = Curious(photo)))
        }
        assertEquals(titles.toSet(), book.cases(50u).map { it.title }.toSet())
    }
}
