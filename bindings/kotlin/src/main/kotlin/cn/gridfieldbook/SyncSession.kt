package cn.gridfieldbook

import grid.fieldbook.ffi.SyncSession as NativeSyncSession

/**
 * A running sync whose requests the app carries, step by step: [nextRequest], carry it, [answer] or [noAnswer], until
 * [nextRequest] gives none; then [report].
 *
 * Nothing is lost when the app dies between two steps: the next sync goes on where this one stood. [close] cancels the sync.
 */
public class SyncSession internal constructor(
    private val inner: NativeSyncSession,
    private val syncs: Syncs,
    private val isOurs: Boolean,
) : AutoCloseable {
    private var isTold = false

    /** The request that is to be carried next; none when the sync has ended. Asked again before the answer it gives the same. */
    public suspend fun nextRequest(): HttpRequest? = offThread {
        inner.nextRequest().also { if (it == null) tellEnd() }
    }

    /** Hands in the answer to the request that waits, whatever its status. [FieldBookException.InvalidInput] when none does. */
    public suspend fun answer(answer: HttpAnswer): Unit = offThread { inner.answer(answer) }

    /** Says that the request that waits got no answer. [FieldBookException.InvalidInput] when none does. */
    public suspend fun noAnswer(problem: LinkProblem): Unit = offThread { inner.noAnswer(problem) }

    /** Asks the sync to stop; then [nextRequest] gives none. */
    public fun cancel(): Unit = translated { inner.cancel() }

    /** What the sync did. [FieldBookException.InvalidInput] while it runs. */
    public suspend fun report(): SyncReport = offThread { inner.report() }

    /** Cancels the sync if it still runs, and frees the object. */
    override fun close() {
        synchronized(this) {
            if (isOurs && !isTold) syncs.tell(SyncState.Idle)
            isTold = true
        }
        inner.close()
    }

    /** Ends a sync that nobody will carry; another one can begin when this returns. */
    internal fun abandon(): Unit = use {
        translated {
            inner.cancel()
            // Of a cancelled sync it waits for the end.
            inner.nextRequest()
        }
        tellEnd()
    }

    private fun tellEnd() = synchronized(this) {
        if (isOurs && !isTold) {
            syncs.tell(ended())
            isTold = true
        }
    }

    private fun ended(): SyncState =
        try {
            SyncState.Ended(translated { inner.report() })
        } catch (error: FieldBookException) {
            SyncState.Failed(error)
        }
}
