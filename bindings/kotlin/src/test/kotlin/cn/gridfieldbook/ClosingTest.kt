package cn.gridfieldbook

import cn.gridfieldbook.contract.Disk
import cn.gridfieldbook.contract.PlainKeys
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** `use` closes: no lock and no file stays. */
class ClosingTest {
    @Test
    fun `a used field book lets go of its vault`() = inFolder { folder ->
        val vault = folder.resolve("vault")
        val used = FieldBook.open(vault.toString(), PlainKeys()).use { book ->
            book.count(rescued(1))
            assertTrue(Disk.openFiles(vault) > 0)
            book
        }
        assertEquals(0, Disk.openFiles(vault))
        used.close()
        FieldBook.open(vault.toString(), PlainKeys()).use { assertEquals(1UL, it.status().saved) }
    }

    @Test
    fun `every call of a freed object says that it is closed`() = inBook { book ->
        val session = runCatching { book.beginSync() }.getOrNull()
        session?.close()
        book.close()
        for (call in listOf<suspend () -> Any?>({ book.status() }, { book.reopen() }, { book.sync() }, { book.closeVault() })) {
            assertTrue(runCatching { call() }.exceptionOrNull() is FieldBookException.Closed)
        }
        assertTrue(runCatching { session?.report() }.exceptionOrNull() is FieldBookException.Closed)
    }

    @Test
    fun `a freed object that a call is given says that it is closed`() = inBook { book ->
        val kept = book.attach(AttachmentDraft(role = "after", mime = "image/jpeg", content = byteArrayOf(1)))
        val token = CancelToken()
        kept.close()
        token.close()
        val report = ReportDraft(result = "solved", narrative = "楼道杂物已清理", attachments = listOf(kept))
        for (call in listOf<suspend () -> Any?>({ book.submit(TASK, report) }, { book.sync(cancel = token) })) {
            val error = runCatching { call() }.exceptionOrNull()
            assertTrue(error is FieldBookException.Closed, "$error")
        }
        assertEquals(0UL, book.status().saved)
    }

    @Test
    fun `a locked field book is used and imported`() = inFolder { folder ->
        val vault = folder.resolve("vault").toString()
        FieldBook.open(vault, PlainKeys()).close()
        LockedBook.open(vault).use { locked ->
            locked.startUrgent(UrgentDraft("落水", "东口"))
            locked.end()
            assertTrue(runCatching { locked.count(rescued(1)) }.exceptionOrNull() is FieldBookException.Closed)
        }
        FieldBook.open(vault, PlainKeys()).use { assertEquals(1UL, it.status().saved) }
    }

    private companion object {
        const val TASK = "00000000-0000-4000-8000-000000000002"
    }
}
