package cn.gridfieldbook

import grid.fieldbook.ffi.EnrollOutcome
import grid.fieldbook.ffi.SyncOutcome
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runInterruptible
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime

private const val TICKET = "grid:http://127.0.0.1:9#code=ABCD-EFGH"

/** A sync and an enrolment end with the coroutine that they run in. */
class CancellingTest {
    @Test
    fun `cancelling the coroutine ends a sync whose carrier never answers`() = inEnrolledBook { book, _ ->
        val blocked = Blocked()
        book.count(rescued(1))
        val sync = begun(book, blocked)
        val took = measureTime { sync.cancelAndJoin() }
        assertSoon(took)
        assertTrue(sync.isCancelled)
        assertEquals(SyncOutcome.Cancelled, (book.syncState.value as SyncState.Ended).report.outcome)
        // The call itself has ended, not only the coroutine: another sync finds none under way.
        assertEquals(SyncOutcome.Complete, book.sync().outcome)
        assertEquals(0UL, book.status().saved)
        blocked.isOver.countDown()
    }

    @Test
    fun `a token ends the sync and leaves its report`() = inEnrolledBook { book, _ ->
        val blocked = Blocked()
        CancelToken().use { token ->
            book.count(rescued(1))
            val sync = begun(book, blocked, token)
            token.cancel()
            assertEquals(SyncOutcome.Cancelled, sync.await().outcome)
        }
        blocked.isOver.countDown()
    }

    @Test
    fun `a sync that ended by itself leaves the token of the app alone`() = inEnrolledBook { book, _ ->
        CancelToken().use { token ->
            assertEquals(SyncOutcome.Complete, book.sync(cancel = token).outcome)
            assertFalse(token.isCancelled())
        }
    }

    @Test
    fun `closing the field book ends its sync`() = inEnrolledBook { book, _ ->
        val blocked = Blocked()
        book.count(rescued(1))
        val sync = begun(book, blocked)
        assertSoon(measureTime { book.close() })
        val ended = runCatching { sync.await() }
        assertNotEquals(SyncOutcome.Complete, ended.getOrNull()?.outcome)
        blocked.isOver.countDown()
    }

    @Test
    fun `cancelling the coroutine ends an enrolment, and the field book can be enrolled later`() = inBook { book ->
        val blocked = Blocked()
        book.count(rescued(1))
        val enrolment = async { book.enrollOver(blocked, TICKET, PHONE) }
        runInterruptible(Dispatchers.IO) { blocked.isAsked.await() }
        assertSoon(measureTime { enrolment.cancelAndJoin() })
        assertTrue(enrolment.isCancelled)
        assertEquals(null, book.platform())
        assertEquals(1UL, book.status().saved)
        blocked.isOver.countDown()
    }

    @Test
    fun `closing the field book ends its enrolment`() = inBook { book ->
        val blocked = Blocked()
        val enrolment = async { book.enrollOver(blocked, TICKET, PHONE) }
        runInterruptible(Dispatchers.IO) { blocked.isAsked.await() }
        assertSoon(measureTime { book.close() })
        assertEquals(EnrollOutcome.NoLink(LinkProblem.CANCELLED), enrolment.await())
        blocked.isOver.countDown()
    }

    /** A sync that waits for its carrier. */
    private suspend fun CoroutineScope.begun(
        book: FieldBook,
        blocked: Blocked,
        token: CancelToken? = null,
    ): Deferred<SyncReport> {
        val sync = async { book.syncOver(blocked, cancel = token) }
        runInterruptible(Dispatchers.IO) { blocked.isAsked.await() }
        return sync
    }

    /** The promise is 100 ms; a busy machine gets more. */
    private fun assertSoon(took: Duration) {
        println("it ended after $took")
        assertTrue(took < 1.seconds, "it took $took")
    }
}
