package cn.gridfieldbook

import grid.fieldbook.ffi.ProgressListener
import grid.fieldbook.ffi.SyncOutcome
import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.flow.MutableStateFlow

/** The syncs and enrolments of one field book: tells their state, and stops what runs when the field book is closed. */
internal class Syncs(private val beats: Beats) {
    val state = MutableStateFlow<SyncState>(SyncState.Idle)
    private val running = ConcurrentHashMap.newKeySet<CancelToken>()

    /** One sync, told step by step. */
    suspend fun run(
        given: CancelToken?,
        progress: ((SyncProgress) -> Unit)?,
        call: (CancelToken, ProgressListener) -> SyncReport,
    ): SyncReport = cancellable(given) { token -> told(progress) { listener -> call(token, listener) } }

    /** One call that looks at a token; without a [given] one at one of its own, which only the coroutine cancels. */
    suspend fun <T> cancellable(given: CancelToken?, call: (CancelToken) -> T): T {
        val token = given ?: CancelToken()
        running += token
        try {
            return stoppable(token) { call(token) }
        } finally {
            running -= token
            if (given == null) token.close()
        }
    }

    /** Asks what runs to stop. */
    fun stop() = running.forEach { it.cancel() }

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
        val isOurs = begin()
        val listener = HostedProgress { step ->
            if (isOurs) tell(SyncState.Running(step))
            progress?.invoke(step)
        }
        try {
            val report = translated { call(listener) }
            // One that met another sync did nothing, and has nothing to say.
            val isOther = report.outcome is SyncOutcome.AlreadyRunning
            if (isOurs) tell(if (isOther) before else SyncState.Ended(report))
            return report
        } catch (error: FieldBookException) {
            if (isOurs) tell(SyncState.Failed(error))
            throw error
        }
    }
}
