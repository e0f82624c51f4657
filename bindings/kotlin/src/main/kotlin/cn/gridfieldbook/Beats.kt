package cn.gridfieldbook

import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.transform
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/** Beats once for each change of a field book, so that whoever shows something looks again. */
internal class Beats {
    private val beats = MutableStateFlow(0L)
    private val isAsleep = AtomicBoolean()

    /** Held by a flow that looks and by who lays the vault down: no look wakes what was just laid down. */
    private val looking = Mutex()

    fun beat() = beats.update { if (it == OVER) OVER else it + 1 }

    /** Ends every flow. */
    fun end() {
        beats.value = OVER
    }

    /** Lays the vault down with [layDown]; the flows do not look until [wake]. */
    suspend fun sleep(layDown: () -> Unit) {
        isAsleep.set(true)
        var isDown = false
        try {
            alone {
                layDown()
                isDown = true
            }
        } finally {
            if (!isDown) wake()
        }
    }

    /** Somebody calls the field book: the flows may look again, and do when they slept. */
    fun wake() {
        if (isAsleep.compareAndSet(true, false)) beat()
    }

    /**
     * What [look] sees now, and again whenever it is something else. While the vault is closed or laid down there is nothing to
     * see, and the flow waits.
     */
    fun <T> watch(look: () -> T): Flow<T> =
        beats
            .takeWhile { it != OVER }
            .transform { seen(look)?.let { emit(it.value) } }
            .distinctUntilChanged()

    private suspend fun <T> seen(look: () -> T): Seen<T>? =
        try {
            alone { if (isAsleep.get()) null else Seen(look()) }
        } catch (_: FieldBookException.Closed) {
            null
        }

    /** Inside a callback nobody waits: what holds the lock may be waiting for that callback. */
    private suspend fun <T> alone(call: () -> T): T =
        if (InsideHost.isHere) offThread(call) else looking.withLock { offThread(call) }

    private class Seen<T>(val value: T)

    private companion object {
        const val OVER = -1L
    }
}
