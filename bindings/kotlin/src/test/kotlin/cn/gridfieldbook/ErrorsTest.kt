package cn.gridfieldbook

import cn.gridfieldbook.contract.Calls
import cn.gridfieldbook.contract.PlainKeys
import cn.gridfieldbook.contract.fieldsOf
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Errors are ours, say what to do, and hold no word of the app or of the generated code. */
class ErrorsTest {
    private val all = listOf(
        FieldBookException.InvalidInput("title", "too_long:40"),
        FieldBookException.NotFound("task"),
        FieldBookException.Closed(),
        FieldBookException.Unavailable(Obstacle.INSIDE_CALLBACK),
        FieldBookException.StorageFull(),
        FieldBookException.DatabaseTooNew(9u, 6u),
        FieldBookException.Damaged(),
        FieldBookException.Internal("disk"),
    )

    @Test
    fun `every error goes over the border and back as it was`() = all.forEach {
        val back = it.toNative().toOurs()
        assertEquals(it::class, back::class)
        assertEquals(fieldsOf(it), fieldsOf(back))
    }

    @Test
    fun `every error says what happened and what to do, in both languages`() = all.forEach {
        Calls.checkText(it)
        val (zh, en) = explain(it, "zh-CN") to explain(it, "fr")
        assertEquals(zh.code, en.code)
        assertTrue(zh.next.any { letter -> letter.code > 0x4E00 } && en.next.isNotBlank(), "$zh $en")
    }

    @Test
    fun `an error that was thrown has no generated cause`() = inBook { book ->
        val error = runCatching { book.task("42") }.exceptionOrNull()
        val trace = (error as FieldBookException.InvalidInput).stackTraceToString()
        assertFalse("Caused by: grid.fieldbook" in trace, trace)
    }

    @Test
    fun `what the virtual machine throws in a callback crosses as a failure`() = inFolder { folder ->
        val keys = object : KeyVault by PlainKeys() {
            override fun wrap(key: ByteArray): ByteArray = throw StackOverflowError("王五")
        }
        val error = runCatching { FieldBook.open(folder.resolve("vault").toString(), keys) }.exceptionOrNull()
        assertEquals("the host's key vault failed: StackOverflowError", (error as FieldBookException.Internal).detail)
    }
}
