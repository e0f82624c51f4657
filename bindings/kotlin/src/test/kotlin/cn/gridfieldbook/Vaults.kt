package cn.gridfieldbook

import cn.gridfieldbook.contract.PlainKeys
import cn.gridfieldbook.contract.Platform
import grid.fieldbook.ffi.EnrollOutcome
import grid.fieldbook.ffi.TransportException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import kotlin.coroutines.CoroutineContext
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

/** Waits for it without holding up a test. */
internal suspend fun CountDownLatch.reached() = runInterruptible(Dispatchers.IO) { await() }

/** Keys that are not given before the test lets them go. */
internal class SlowKeys(private val keys: KeyVault) : KeyVault {
    val isAsked = CountDownLatch(1)
    val isOver = CountDownLatch(1)

    override fun wrap(key: ByteArray): ByteArray = waited { keys.wrap(key) }

    override fun unwrap(wrapped: ByteArray): ByteArray = waited { keys.unwrap(wrapped) }

    private fun <T> waited(call: () -> T): T {
        isAsked.countDown()
        isOver.await()
        return call()
    }
}

/** Runs a coroutine from one suspension to the next, when the test says so. */
internal class Steps : CoroutineDispatcher() {
    private val steps = LinkedBlockingQueue<Runnable>()

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        steps.put(block)
    }

    /** The next step, as soon as the coroutine could go on. */
    suspend fun next(): Runnable = runInterruptible(Dispatchers.IO) { steps.take() }
}

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
