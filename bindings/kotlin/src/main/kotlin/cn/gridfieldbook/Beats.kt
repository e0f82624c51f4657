package cn.gridfieldbook

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.transform
import kotlinx.coroutines.flow.update

/** Beats once for each change of a field book, so that whoever shows something looks again. */
internal class Beats {
    private val beats = MutableStateFlow(0L)

    fun beat() = beats.update { if (it == OVER) OVER else it + 1 }

    /** Ends every flow. */
    fun end() {
        beats.value = OVER
    }

    /**
     * What [look] sees now, and again whenever it is something else. While the vault is closed there is nothing to see, and
     * the flow waits.
     */
    fun <T> watch(look: suspend () -> T): Flow<T> =
        beats
            .takeWhile { it != OVER }
            .transform { seen(look)?.let { emit(it.value) } }
            .distinctUntilChanged()

    private suspend fun <T> seen(look: suspend () -> T): Seen<T>? =
        try {
            Seen(look())
        } catch (_: FieldBookException.Closed) {
            null
        }

    private class Seen<T>(val value: T)

    private companion object {
        const val OVER = -1L
    }
}
