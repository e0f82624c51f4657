package cn.gridfieldbook

import cn.gridfieldbook.contract.Disk
import cn.gridfieldbook.contract.PlainKeys
import grid.fieldbook.ffi.FfiConverterTypeHostClock
import grid.fieldbook.ffi.FfiConverterTypeKeyVault
import grid.fieldbook.ffi.FfiConverterTypeLog
import grid.fieldbook.ffi.FfiConverterTypeProgressListener
import grid.fieldbook.ffi.FfiConverterTypeTransport
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Tag
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText

/** What is closed is gone: memory, handles, files. `grid.leaks` is `short` or `full`. */
@Tag("leaks")
class LeaksTest {
    private val isFull = System.getProperty("grid.leaks") == "full"

    @Test
    fun `opening, using and closing leaves nothing behind`() = measured(if (isFull) 10_000 else 500) { vault ->
        FieldBook.open(vault.toString(), PlainKeys(), SystemClocks).use { book ->
            book.count(rescued(1))
            book.tallyToday()
            runCatching { book.syncOver(Blocked()) }
        }
    }

    @Test
    fun `looking again and again leaves nothing behind`() {
        val folder = Files.createTempDirectory("grid-leaks").toRealPath()
        runBlocking {
            FieldBook.open(folder.toString(), PlainKeys()).use { book ->
                repeat(50) { book.count(rescued(1)) }
                book.reportCase(CaseDraft(caseKind = "hazard", title = "井盖松动", description = "踩上去会翻", placeText = "东口"))
                val views = views(book)
                var turn = 0
                measure(if (isFull) 100_000 else 20_000) { views[turn++ % views.size]() }
            }
        }
        folder.toFile().deleteRecursively()
        assertNothingLives(folder)
    }

    private fun views(book: FieldBook): List<suspend () -> Any> = listOf(
        { book.status() },
        { book.tasks(openOnly = true, limit = 50u) },
        { book.records(0u, 20u) },
        { book.waiting(50u) },
        { book.search("井盖") },
    )

    private fun measured(rounds: Int, round: suspend (Path) -> Unit) {
        val folder = Files.createTempDirectory("grid-leaks").toRealPath()
        runBlocking { measure(rounds) { round(folder) } }
        folder.toFile().deleteRecursively()
        assertNothingLives(folder)
    }

    /** The last quarter's mean of resident memory is within 5 % of the second quarter's: the first warms up. */
    private suspend fun measure(rounds: Int, round: suspend () -> Unit) {
        val residents = List(SAMPLES) {
            repeat(rounds / SAMPLES) { round() }
            residentBytes()
        }
        val quarters = residents.chunked(SAMPLES / 4) { it.average() / (1 shl 20) }
        println("resident MB by quarters of $rounds rounds: ${quarters.joinToString { "%.1f".format(it) }}")
        assertTrue(quarters[3] < quarters[1] * GROWTH_MAX, "resident memory grows: $quarters MB")
    }

    private fun residentBytes(): Long {
        val pages = Path.of("/proc/self/statm").readText().split(' ')[1].toLong()
        return pages * PAGE_BYTES
    }

    private fun assertNothingLives(folder: Path) {
        val handles = listOf(
            FfiConverterTypeKeyVault.handleMap.size,
            FfiConverterTypeHostClock.handleMap.size,
            FfiConverterTypeTransport.handleMap.size,
            FfiConverterTypeProgressListener.handleMap.size,
            FfiConverterTypeLog.handleMap.size,
        )
        assertEquals(listOf(0, 0, 0, 0, 0), handles, "keys, clocks, carriers, listeners, logs")
        assertEquals(0, Disk.openFiles(folder))
    }

    private object SystemClocks : HostClock {
        override fun now() = ClockReading(System.currentTimeMillis(), System.nanoTime() / 1_000_000, 1u)
    }

    private companion object {
        const val SAMPLES = 100
        const val PAGE_BYTES = 4096
        const val GROWTH_MAX = 1.05
    }
}
