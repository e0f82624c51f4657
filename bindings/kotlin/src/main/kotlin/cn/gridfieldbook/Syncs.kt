package cn.gridfieldbook

import grid.fieldbook.ffi.FfiConverterTypeCancelToken
import grid.fieldbook.ffi.ProgressListener
import grid.fieldbook.ffi.SyncOutcome
import kotlinx.coroutines.flow.MutableStateFlow

/** The syncs and enrolments of one field book: tells their state, and stops what runs when the field book is closed. */
internal class Syncs(private val beats: Beats) {
    val state = MutableStateFlow<SyncState>(SyncState.Idle)

    /** One token for each call that runs, which nobody else frees. Guarded by itself. */
    private val running = mutableSetOf<CancelToken>()
    private var isStopped = false

    /** One sync, told step by step. */
    suspend fun run(
        given: CancelToken?,
        progress: ((SyncProgress) -> Unit)?,
        call: (CancelToken, ProgressListener) -> SyncReport,
    ): SyncReport = cancellable(given) { token -> told(progress) { listener -> call(token, listener) } }

    /** One call that looks at a token; without a [given] one at one of its own, which only the coroutine cancels. */
    suspend fun <T> cancellable(given: CancelToken?, call: (CancelToken) -> T): T {
        beats.wake()
        val token = entered(given)
        try {
            return stoppable(token) { call(token) }
        } finally {
            leave(token)
        }
    }

    /** Asks what runs to stop, and lets nothing more begin. */
    fun stop() = synchronized(running) {
        isStopped = true
        running.forEach { it.cancel() }
    }

    /** A token for one call. The app may free the [given] one meanwhile, or give it to another call: this one holds its own. */
    private fun entered(given: CancelToken?): CancelToken = synchronized(running) {
        if (isStopped) throw FieldBookException.Closed()
        val token = if (given == null) CancelToken() else translated { sameAs(given) }
        token.also { running += it }
    }

    /** Nobody cancels the token while it is freed. */
    private fun leave(token: CancelToken) = synchronized(running) {
        running -= token
        token.close()
    }

    private fun sameAs(token: CancelToken): CancelToken =
        FfiConverterTypeCancelToken.lift(FfiConverterTypeCancelToken.lower(token))

    /** Says that a sync began; false when one is under way already, whose state stays. */
    fun begin(): Boolean {
        val before = state.value
        return before !is SyncState.Running && state.compareAndSet(before, SyncState.Running(null))
    }

    /** Says how the sync that [begin] began stands now. */
    fun tell(now: SyncState) {
        state.value = now
        beats.beat()
    }

    private fun told(progress: ((SyncProgress) -> Unit)?, call: (ProgressListener) -> SyncReport): SyncReport {
        val before = state.value
        val telling = Telling(isOurs = begin())
        val listener = HostedProgress { step -> if (telling.step(step)) progress?.invoke(step) }
        try {
            val report = translated { call(listener) }
            // One that met another sync did nothing, and has nothing to say.
            val isOther = report.outcome is SyncOutcome.AlreadyRunning
            telling.end(if (isOther) before else SyncState.Ended(report))
            return report
        } catch (error: FieldBookException) {
            telling.end(SyncState.Failed(error))
            throw error
        }
    }

    /** What one sync says. The library leaves a listener behind when the sync is cancelled: it is not heard after the end. */
    private inner class Telling(private val isOurs: Boolean) {
        private var isOver = false

        /** False after the end. */
        fun step(step: SyncProgress): Boolean = synchronized(this) {
            if (isOurs && !isOver) tell(SyncState.Running(step))
            !isOver
        }

        fun end(now: SyncState) = synchronized(this) {
            isOver = true
            if (isOurs) tell(now)
        }
    }
}
