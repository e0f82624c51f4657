package cn.gridfieldbook

import cn.gridfieldbook.contract.PlainKeys
import cn.gridfieldbook.contract.Platform
import grid.fieldbook.ffi.EnrollOutcome
import grid.fieldbook.ffi.TransportException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.seconds

/** Runs a test with a new folder, within a minute. */
internal fun inFolder(test: suspend CoroutineScope.(Path) -> Unit) {
    val folder = Files.createTempDirectory("grid-kotlin").toRealPath()
    try {
        runBlocking(Dispatchers.Default) { withTimeout(60.seconds) { test(folder) } }
    } finally {
        folder.toFile().deleteRecursively()
    }
}

/** Runs a test with a new field book that no platform knows. */
internal fun inBook(test: suspend CoroutineScope.(FieldBook) -> Unit) = inFolder { folder ->
    FieldBook.open(folder.resolve("vault").toString(), PlainKeys()).use { test(it) }
}

/** Runs a test with a field book that is enrolled with a platform of its own. */
internal fun inEnrolledBook(test: suspend CoroutineScope.(FieldBook, Platform) -> Unit) = inFolder { folder ->
    Platform(folder.resolve("platform")).use { platform ->
        FieldBook.open(folder.resolve("vault").toString(), PlainKeys()).use { book ->
            assertEquals(EnrollOutcome.Enrolled, book.enroll(platform.ticket(), PHONE))
            test(book, platform)
        }
    }
}

internal fun Platform.ticket(): String = ask("ticket", null)["ticket"].textValue()

internal fun rescued(value: Long) = CountDraft(kind = "rescued", value = value, post = "DL-01")

internal val PHONE = PhoneDraft("00000000-0000-4000-8000-000000000001", "一号机", "linux", "0.1.0")

/** A carrier that never answers, until it is let go. */
internal class Blocked : Transport {
    val isAsked = CountDownLatch(1)
    val isOver = CountDownLatch(1)

    override fun send(request: HttpRequest, cancel: CancelToken): HttpAnswer {
        isAsked.countDown()
        isOver.await()
        throw TransportException.Failed("the test is over")
    }

    override fun authority(): ByteArray? = null
}
