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
}
