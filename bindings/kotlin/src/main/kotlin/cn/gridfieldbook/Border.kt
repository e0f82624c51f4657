package cn.gridfieldbook

import grid.fieldbook.ffi.FieldException
import grid.fieldbook.ffi.InternalException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicBoolean

/**
 * Runs one short call of the library on [Dispatchers.IO]. Inside a callback it stays on the thread: only there the library
 * knows that its own call has not ended, and refuses what would record.
 */
internal suspend fun <T> offThread(call: () -> T): T =
    if (InsideHost.isHere) translated(call) else withContext(Dispatchers.IO) { translated(call) }

/**
 * The same for a call that makes something that must be closed. A coroutine that is cancelled meanwhile cannot take it any
 * more: then [undo] runs before the cancellation goes on.
 */
internal suspend fun <T : Any> made(undo: (T) -> Unit, call: () -> T): T {
    var made: T? = null
    try {
        return offThread { call().also { made = it } }
    } catch (cancelled: CancellationException) {
        made?.let { withContext(NonCancellable + Dispatchers.IO) { undone(it, undo) } }
        throw cancelled
    }
}

private fun <T> undone(made: T, undo: (T) -> Unit) =
    try {
        undo(made)
    } catch (_: FieldBookException) {
        // It is freed all the same, and who asked for it has gone.
    }

/**
 * Runs a call that looks at [token], and returns only when it has ended. Cancelling the coroutine cancels the token at once,
 * whatever its dispatcher is busy with, so that the call ends within 100 ms. Nobody else frees the token before that.
 */
internal suspend fun <T> stoppable(token: CancelToken, call: () -> T): T {
    if (InsideHost.isHere) return translated(call)
    val ended = AtomicBoolean()
    return coroutineScope {
        val watch = launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
            try {
                awaitCancellation()
            } finally {
                if (!ended.get()) token.cancel()
            }
        }
        try {
            withContext(Dispatchers.IO) { translated(call) }
        } finally {
            ended.set(true)
            watch.cancel()
        }
    }
}

/** Runs a call of the library; what it throws becomes ours, without its names and without it as cause. */
internal inline fun <T> translated(call: () -> T): T =
    try {
        call()
    } catch (error: FieldException) {
        throw error.toOurs()
    } catch (_: InternalException) {
        throw FieldBookException.Internal("the library did not answer as agreed")
    } catch (_: IllegalStateException) {
        // The object itself, or one that it was given, was freed by `close()`.
        throw FieldBookException.Closed()
    }

internal fun FieldException.toOurs(): FieldBookException = when (this) {
    is FieldException.InvalidInput -> FieldBookException.InvalidInput(field, detail)
    is FieldException.NotFound -> FieldBookException.NotFound(what)
    is FieldException.Closed -> FieldBookException.Closed()
    is FieldException.Unavailable -> FieldBookException.Unavailable(obstacle)
    is FieldException.StorageFull -> FieldBookException.StorageFull()
    is FieldException.DatabaseTooNew -> FieldBookException.DatabaseTooNew(found, supported)
    is FieldException.Damaged -> FieldBookException.Damaged()
    is FieldException.Internal -> FieldBookException.Internal(detail)
}

internal fun FieldBookException.toNative(): FieldException = when (this) {
    is FieldBookException.InvalidInput -> FieldException.InvalidInput(field, detail)
    is FieldBookException.NotFound -> FieldException.NotFound(what)
    is FieldBookException.Closed -> FieldException.Closed()
    is FieldBookException.Unavailable -> FieldException.Unavailable(obstacle)
    is FieldBookException.StorageFull -> FieldException.StorageFull()
    is FieldBookException.DatabaseTooNew -> FieldException.DatabaseTooNew(found, supported)
    is FieldBookException.Damaged -> FieldException.Damaged()
    is FieldBookException.Internal -> FieldException.Internal(detail)
}
