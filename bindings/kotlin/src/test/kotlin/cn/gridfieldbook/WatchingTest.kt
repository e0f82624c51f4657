package cn.gridfieldbook

import com.fasterxml.jackson.databind.json.JsonMapper
import grid.fieldbook.ffi.ProgressListener
import grid.fieldbook.ffi.SyncOutcome
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

/** What a screen watches says a change anew, once. */
class WatchingTest {
    @Test
    fun `a patrol is shown as it goes on`() = inBook { book ->
        val patrol = book.startPatrol(PatrolDraft("coastline", "foot", "DL-01")).patrol
        val seen = watched(book.watchPatrol(patrol))
        assertEquals(PatrolStatus.STARTED, seen.receive().status)
        book.pausePatrol(patrol)
        assertEquals(PatrolStatus.PAUSED, seen.receive().status)
        book.endPatrol(patrol)
        assertEquals(PatrolStatus.ENDED, seen.receive().status)
        book.close()
        assertTrue(seen.receiveCatching().isClosed, "a flow went on after close")
    }

    @Test
    fun `a task comes with a sync and shows its own records`() = inEnrolledBook { book, platform ->
        val seen = watched(book.watchTasks(openOnly = true, limit = 10u))
        assertEquals(emptyList<TaskView>(), seen.receive())
        platform.ask("task", JsonMapper().readTree("""{"no": "DL-2026-000901", "title": "清理垃圾"}"""))
        book.sync()
        val task = seen.receive().single { it.no == "DL-2026-000901" }
        assertEquals("assigned", task.status)
        book.accept(task.id)
        assertEquals("accepted", seen.receive().single { it.id == task.id }.status)
        book.close()
    }

    @Test
    fun `the outbox fills and empties`() = inEnrolledBook { book, _ ->
        val seen = watched(book.watchWaiting(limit = 10u))
        assertEquals(0, seen.receive().size)
        book.count(rescued(1))
        assertEquals(listOf(1UL), seen.receive().map { it.record?.seq })
        book.sync()
        assertEquals(0, seen.receive().size)
        book.close()
    }

    @Test
    fun `what is no change is not said again, and a closed vault waits`() = inBook { book ->
        val seen = watched(book.watchStatus())
        assertEquals(0UL, seen.receive().saved)
        book.networkChanged(Network.METERED)
        book.count(rescued(1))
        assertEquals(1UL, seen.receive().saved)
        book.closeVault()
        book.reopen()
        book.count(rescued(1))
        assertEquals(2UL, seen.receive().saved)
        book.close()
    }

    @Test
    fun `a suspended vault is not looked at before the next call`() = inBook { book ->
        val seen = watched(book.watchStatus())
        assertEquals(0UL, seen.receive().saved)
        book.suspendVault()
        val begun = watched(book.watchStatus())
        // What looks already holds the next one up.
        book.suspendVault()
        assertTrue(begun.tryReceive().isFailure, "a flow looked into a suspended vault")
        book.count(rescued(1))
        assertEquals(1UL, seen.receive().saved)
        book.suspendVault()
        book.count(rescued(1))
        assertEquals(2UL, seen.receive().saved)
        book.close()
    }

    @Test
    fun `nobody looks at what sleeps, and everybody when it wakes`() = inFolder {
        val beats = Beats()
        val isDown = AtomicBoolean()
        val looks = AtomicInteger()
        val seen = watched(beats.watch { looks.incrementAndGet().also { check(!isDown.get()) } })
        assertEquals(1, seen.receive())
        beats.sleep { isDown.set(true) }
        beats.beat()
        beats.sleep { isDown.set(true) }
        assertEquals(1, looks.get())
        isDown.set(false)
        beats.wake()
        assertEquals(2, seen.receive())
        beats.end()
    }

    @Test
    fun `what looks already comes to its end before the vault is laid down`() = inFolder {
        val beats = Beats()
        val order = CopyOnWriteArrayList<String>()
        val isLooking = CountDownLatch(1)
        val isOver = CountDownLatch(1)
        val seen = watched(
            beats.watch {
                isLooking.countDown()
                isOver.await()
                order += "looked"
            },
        )
        isLooking.reached()
        val sleeping = async(start = CoroutineStart.UNDISPATCHED) { beats.sleep { order += "laid down" } }
        isOver.countDown()
        sleeping.await()
        assertEquals(listOf("looked", "laid down"), order)
        beats.end()
        seen.receive()
    }

    @Test
    fun `what could not be laid down is looked at again`() = inFolder {
        val beats = Beats()
        val looks = AtomicInteger()
        val seen = watched(beats.watch { looks.incrementAndGet() })
        assertEquals(1, seen.receive())
        runCatching { beats.sleep { throw FieldBookException.StorageFull() } }
        assertEquals(2, seen.receive())
        beats.end()
    }

    @Test
    fun `the state of syncs goes from idle over running to its end`() = inEnrolledBook { book, _ ->
        assertEquals(SyncState.Idle, book.syncState.value)
        book.count(rescued(1))
        val during = mutableListOf<SyncState>()
        val report = book.sync { during += book.syncState.value }
        assertEquals(SyncOutcome.Complete, report.outcome)
        assertTrue(during.isNotEmpty() && during.all { it is SyncState.Running && it.progress != null }, "$during")
        assertEquals(SyncState.Ended(report), book.syncState.value)
    }

    @Test
    fun `a sync that cannot be made says why`() = inBook { book ->
        val error = runCatching { book.sync() }.exceptionOrNull()
        assertEquals("enrolment", (error as FieldBookException.NotFound).what)
        assertEquals("enrolment", ((book.syncState.value as SyncState.Failed).error as FieldBookException.NotFound).what)
    }

    @Test
    fun `a listener that was left behind is not heard after the end`() = inFolder {
        val syncs = Syncs(Beats())
        val heard = mutableListOf<SyncProgress>()
        val listeners = mutableListOf<ProgressListener>()
        val step = SyncProgress(received = 1u, unsent = 0u, photosDone = 0u, photosWaiting = 0u)
        runCatching {
            syncs.run(null, heard::add) { _, listener ->
                listeners += listener
                listener.onProgress(step)
                throw FieldBookException.StorageFull()
            }
        }
        listeners.single().onProgress(step)
        assertTrue(syncs.state.value is SyncState.Failed, "${syncs.state.value}")
        assertEquals(listOf(step), heard)
    }

    @Test
    fun `a session that the app carries has a state, too`() = inEnrolledBook { book, _ ->
        book.beginSync().use { session ->
            assertEquals("/v1/sync", session.nextRequest()?.path)
            assertEquals(SyncState.Running(null), book.syncState.value)
            assertEquals(SyncOutcome.AlreadyRunning, book.sync().outcome)
            assertEquals(SyncState.Running(null), book.syncState.value)
            session.cancel()
            while (session.nextRequest() != null) session.noAnswer(LinkProblem.CANCELLED)
            assertEquals(SyncState.Ended(session.report()), book.syncState.value)
        }
    }

    private fun <T> CoroutineScope.watched(flow: Flow<T>): ReceiveChannel<T> {
        val seen = Channel<T>(Channel.UNLIMITED)
        launch { flow.collect { seen.send(it) } }.invokeOnCompletion { seen.close(it) }
        return seen
    }
}
