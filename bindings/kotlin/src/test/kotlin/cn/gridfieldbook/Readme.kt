package cn.gridfieldbook

import cn.gridfieldbook.contract.PlainKeys
import cn.gridfieldbook.contract.Platform
import com.fasterxml.jackson.databind.json.JsonMapper
import grid.fieldbook.ffi.SyncOutcome
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.io.path.Path
import kotlin.io.path.readText

// README:begin
/** Opens a field book, records a disposition report with a photo, and sends it when there is a network. */
suspend fun reportFirstTask(vault: String, keys: KeyVault, photo: ByteArray): SyncOutcome =
    FieldBook.open(vault, keys).use { book ->
        val task = book.tasks(openOnly = true, limit = 1u).first()
        val kept = book.attach(AttachmentDraft(role = "after", mime = "image/jpeg", content = photo))
        val report = ReportDraft(
            result = "solved",
            narrative = "楼道杂物已清理",
            attachments = listOf(kept),
        )
        val saved = book.submit(task.id, report) // durable now, with no network
        println("已存本机 / saved on this phone: no. ${saved.seq}")
        try {
            book.sync(Budget(metered = false)).outcome // cancel the coroutine to stop it
        } catch (error: FieldBookException) {
            println(explain(error, "zh-CN").next)
            throw error
        }
    }
// README:end

/** The lines of the README run. */
class ReadmeTest {
    @Test
    fun `the lines of the README report a task and send it`() = inFolder { folder ->
        val vault = folder.resolve("vault").toString()
        Platform(folder.resolve("platform")).use { platform ->
            FieldBook.open(vault, PlainKeys()).use { book ->
                book.enroll(platform.ticket(), PHONE)
                platform.ask("task", JsonMapper().readTree("""{"no": "DL-2026-000902", "title": "楼道杂物"}"""))
                book.sync()
            }
            assertEquals(SyncOutcome.Complete, reportFirstTask(vault, PlainKeys(), ByteArray(3_000) { 1 }))
            FieldBook.open(vault, PlainKeys()).use { book ->
                assertEquals(0UL, book.status().saved)
                assertEquals(1UL, book.status().photosStored)
            }
        }
    }

    /** The folder of the package is the working folder of its tests. */
    @Test
    fun `the README shows the lines that run`() {
        val source = Path("src/test/kotlin/cn/gridfieldbook/Readme.kt").readText()
        val run = source.substringAfter("// README:begin\n").substringBefore("// README:end")
        assertTrue("```kotlin\n$run```" in Path("README.md").readText(), "README.md and Readme.kt differ")
    }
}
