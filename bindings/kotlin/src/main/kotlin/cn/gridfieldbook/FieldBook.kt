package cn.gridfieldbook

import grid.fieldbook.ffi.EnrollOutcome
import grid.fieldbook.ffi.SyncOutcome
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import grid.fieldbook.ffi.FieldBook as NativeFieldBook

/**
 * One worker's durable record on one phone. Share one object between all screens; every call may come from any thread and
 * runs on `Dispatchers.IO`.
 *
 * A call that records something returns only when it is durable. A coroutine that is cancelled while it records is not told
 * whether the record was saved: look at [records].
 *
 * Terms that grow (kinds, roles, results) are snake_case names; ids are lower-case UUID text; times are UTC milliseconds;
 * positions are 1e-7 degrees. Every call throws only [FieldBookException].
 */
public class FieldBook private constructor(internal val inner: NativeFieldBook) : AutoCloseable {
    private val beats = Beats()
    private val syncs = Syncs(beats)
    private val isClosed = AtomicBoolean()

    /** Where the syncs of this field book are. */
    public val syncState: StateFlow<SyncState> = syncs.state.asStateFlow()

    // Views that change: each flow begins with what stands now, and says it anew when a call or a sync of this object
    // changed it. Time alone is no change. A flow waits while the vault is closed or suspended, and ends with
    // `close()`.

    /** [tasks], whenever they change. */
    public fun watchTasks(openOnly: Boolean, limit: UInt): Flow<List<TaskView>> = beats.watch { inner.tasks(openOnly, limit) }

    /** [patrol], whenever it changes. */
    public fun watchPatrol(patrol: String): Flow<PatrolView> = beats.watch { inner.patrol(patrol) }

    /** [waiting], whenever it changes: the outbox, with why each thing waits. */
    public fun watchWaiting(limit: UInt): Flow<List<WaitingView>> = beats.watch { inner.waiting(limit) }

    /** [status], whenever it changes. */
    public fun watchStatus(): Flow<VaultStatus> = beats.watch { inner.status() }

    // Opening and closing.

    /** Closes the vault: no lock is held and every buffered fix is durable. Later calls throw [FieldBookException.Closed]. */
    public suspend fun closeVault(): Unit = looking { inner.closeBook() }

    /**
     * Lets go of every lock and file, as a phone's system asks before it suspends the app; the next call takes them up again.
     * Until then the flows are silent.
     */
    public suspend fun suspendVault(): Unit = beats.sleep { inner.suspend() }

    /** Opens again after [closeVault], with the key that is still in memory. Does nothing to an open field book. */
    public suspend fun reopen(): Unit = changing { inner.reopen() }

    /** Makes buffered track fixes durable now. They are within 15 seconds anyway; for the moment an app goes to sleep. */
    public suspend fun flushFixes(): Unit = looking { inner.flushFixes() }

    /**
     * Stops what syncs or enrols, closes the vault, ends the flows and frees the object, for good. Waits for the disk: call it on a
     * background thread, or [closeVault] first.
     */
    override fun close() {
        if (!isClosed.compareAndSet(false, true)) return
        syncs.stop()
        beats.end()
        inner.use { book ->
            try {
                translated { book.closeBook() }
            } catch (_: FieldBookException.Closed) {
                // Nothing is left to close.
            }
        }
    }

    // Tasks.

    /** Tasks by due time; open ones only, or all that are on this phone. */
    public suspend fun tasks(openOnly: Boolean, limit: UInt): List<TaskView> = looking { inner.tasks(openOnly, limit) }

    /** One task. */
    public suspend fun task(task: String): TaskView = looking { inner.task(task) }

    /** Accepts a task (签收). Durable before return. */
    public suspend fun accept(task: String): SavedRecord = changing { inner.accept(task) }

    /** Records that the holder is on the scene (到场); implies accepting. Durable before return. */
    public suspend fun arrive(task: String, position: Position? = null): SavedRecord =
        changing { inner.arrive(task, position) }

    /**
     * Submits a disposition report (处置反馈); implies arriving. A second one before review amends the first. Durable before
     * return.
     */
    public suspend fun submit(task: String, draft: ReportDraft): SavedRecord = changing { inner.submit(task, draft) }

    /**
     * Asks for more time (申请延期), by the due time at the latest. A newer request takes the place of one that waits. Durable
     * before return.
     */
    public suspend fun requestExtension(task: String, wantedDueMs: Long, reason: String): SavedRecord =
        changing { inner.requestExtension(task, wantedDueMs, reason) }

    /** The posts and checkpoints this phone knows, by code. */
    public suspend fun posts(): List<PostView> = looking { inner.posts() }

    // Cases born on the phone.

    /** Reports a matter found in the field; the case is born here and needs no network. Durable before return. */
    public suspend fun reportCase(draft: CaseDraft): BornCase = changing { inner.reportCase(draft) }

    /** Starts a rescue. Waits for no photo, form, log-in or network. Durable before return. */
    public suspend fun startUrgent(draft: UrgentDraft): BornCase = changing { inner.startUrgent(draft) }

    /**
     * Records one step of a rescue: `received`, `partner_informed`, `departed`, `on_scene`, `contact_made`, `safe` or
     * `handed_over`. Durable before return.
     */
    public suspend fun urgentMilestone(caseId: String, milestone: String): SavedRecord =
        changing { inner.urgentMilestone(caseId, milestone) }

    /** Submits a disposition report on a case born here. Durable before return. */
    public suspend fun submitCase(caseId: String, draft: ReportDraft): SavedRecord =
        changing { inner.submitCase(caseId, draft) }

    /** Cases born on this phone, the newest first. */
    public suspend fun cases(limit: UInt): List<CaseView> = looking { inner.cases(limit) }

    // Patrols.

    /** Starts a patrol. Durable before return. */
    public suspend fun startPatrol(draft: PatrolDraft): StartedPatrol = changing { inner.startPatrol(draft) }

    /** Records one fix of a running patrol. */
    public suspend fun recordFix(patrol: String, draft: FixDraft): FixOutcome = changing { inner.recordFix(patrol, draft) }

    /** Records a checkpoint visit. Durable before return. */
    public suspend fun visit(patrol: String, draft: VisitDraft): SavedRecord = changing { inner.visit(patrol, draft) }

    /** Records an observation. Durable before return. */
    public suspend fun observe(patrol: String, draft: ObservationDraft): SavedRecord =
        changing { inner.observe(patrol, draft) }

    /** Pauses a patrol. Durable before return. */
    public suspend fun pausePatrol(patrol: String): SavedRecord = changing { inner.pausePatrol(patrol) }

    /** Resumes a paused patrol. Durable before return. */
    public suspend fun resumePatrol(patrol: String): SavedRecord = changing { inner.resumePatrol(patrol) }

    /** Ends a patrol. Durable before return. */
    public suspend fun endPatrol(patrol: String): SavedRecord = changing { inner.endPatrol(patrol) }

    /** One patrol. */
    public suspend fun patrol(patrol: String): PatrolView = looking { inner.patrol(patrol) }

    /** Patrols of this vault, the newest first. */
    public suspend fun patrols(limit: UInt): List<PatrolView> = looking { inner.patrols(limit) }

    // Counts and attachments.

    /** Adds a step to a counter. Durable before return. */
    public suspend fun count(draft: CountDraft): SavedRecord = changing { inner.count(draft) }

    /** Today's counters of this vault. */
    public suspend fun tallyToday(): List<TallyView> = looking { inner.tallyToday() }

    /** Keeps an attachment. Durable before return; then name it in a draft. After a restart keep the same bytes again. */
    public suspend fun attach(draft: AttachmentDraft): KeptAttachment = changing { inner.attach(draft) }

    /** Takes up a photo that the platform would not take once more, as the worker asked. */
    public suspend fun retryPhoto(sha256: String): Unit = changing { inner.retryPhoto(sha256) }

    // Own records and how the vault stands.

    /** Own records, the newest first, before position [before]; 0 begins with the newest. */
    public suspend fun records(before: ULong, limit: UInt): List<RecordView> = looking { inner.records(before, limit) }

    /** Records the platform sent back, the newest first. */
    public suspend fun parked(limit: UInt): List<RecordView> = looking { inner.parked(limit) }

    /** Offers a record that was sent back once more, as it is. */
    public suspend fun retry(seq: ULong): Unit = changing { inner.retry(seq) }

    /**
     * Says a record that was sent back in other words: a report, an observation, a matter found or a request for more time. A new
     * record takes its place; the old one stays on the platform. Durable before return.
     */
    public suspend fun amend(seq: ULong, words: String): SavedRecord = changing { inner.amend(seq, words) }

    /**
     * A record as a file sealed to the platform, for a person to carry; changes nothing. [FieldBookException.NotFound] before
     * enrolment.
     */
    public suspend fun export(seq: ULong): ByteArray = looking { inner.export(seq) }

    /** Tasks and own records that hold [text], letters without regard to case. */
    public suspend fun search(text: String): Found = looking { inner.search(text) }

    /**
     * Every record without a receipt or sent back, the newest first, then every photo whose bytes are here only, each with one
     * cause; at most [limit] of each.
     */
    public suspend fun waiting(limit: UInt): List<WaitingView> = looking { inner.waiting(limit) }

    /** How this vault stands. */
    public suspend fun status(): VaultStatus = looking { inner.status() }

    /**
     * Checks database pages, chain, lifeboat, attachment files, space, enrolment, outbox and clock. Reads only; may take
     * seconds.
     */
    public suspend fun selfCheck(): List<Check> = looking { inner.selfCheck() }

    /** What a support desk needs to judge this vault, sealed to the platform. [FieldBookException.NotFound] before enrolment. */
    public suspend fun supportBundle(): ByteArray = looking { inner.supportBundle() }

    // Enrolment and sync.

    /**
     * Enrols this vault with a ticket of the form `grid:<address>#code=XXXX-XXXX&ca=<sha256>`. Needs the network, waits for at
     * most some minutes. Cancelling the coroutine stops it within 100 ms, and so does a [cancel] token, as `NoLink` `CANCELLED`;
     * the same ticket is good for another try.
     */
    public suspend fun enroll(ticket: String, phone: PhoneDraft, cancel: CancelToken? = null): EnrollOutcome =
        enrolling(cancel) { inner.enroll(ticket, phone, it) }

    /**
     * Enrols this vault once more for its worker, with a new ticket: for when no receipt passes the check any more because the
     * platform had to replace its keys at once. What was recorded stays and is sent.
     */
    public suspend fun enrollAgain(ticket: String, phone: PhoneDraft, cancel: CancelToken? = null): EnrollOutcome =
        enrolling(cancel) { inner.enrollAgain(ticket, phone, it) }

    /** Enrols over the app's own carrier, which asks the address of the ticket. */
    public suspend fun enrollOver(
        transport: Transport,
        ticket: String,
        phone: PhoneDraft,
        cancel: CancelToken? = null,
    ): EnrollOutcome {
        val carrier = HostedTransport(transport)
        return enrolling(cancel) { inner.enrollOver(carrier, ticket, phone, it) }
    }

    /** The platform this vault is enrolled with; none before enrolment. */
    public suspend fun platform(): PlatformAddress? = looking { inner.platform() }

    /** What a sync within this budget would send now; sends nothing. */
    public suspend fun planSync(budget: Budget = Budget()): SyncPlan = looking { inner.planSync(budget) }

    /**
     * Tell this whenever the phone's network changes. Answers how long to wait before a sync over it, ms; none when there is no
     * network or nothing that may go over it.
     */
    public suspend fun networkChanged(network: Network): ULong? = changing { inner.networkChanged(network) }

    /**
     * Sends what waits and fetches what is new, within the budget, until nothing is left to do. Needs an enrolled vault.
     *
     * Cancelling the coroutine stops the sync within 100 ms. A button that stops it and still wants its report cancels a
     * [cancel] token. [progress] is called after each step, on a background thread: it may look into the field book, not record;
     * what it throws is ignored.
     */
    public suspend fun sync(
        budget: Budget = Budget(),
        cancel: CancelToken? = null,
        progress: ((SyncProgress) -> Unit)? = null,
    ): SyncReport = syncs.run(cancel, progress) { token, listener -> inner.sync(budget, token, listener) }

    /** The same with the app's own carrier. The requests are those that [sync] makes. */
    public suspend fun syncOver(
        transport: Transport,
        budget: Budget = Budget(),
        cancel: CancelToken? = null,
        progress: ((SyncProgress) -> Unit)? = null,
    ): SyncReport {
        val carrier = HostedTransport(transport)
        return syncs.run(cancel, progress) { token, listener -> inner.syncOver(carrier, budget, token, listener) }
    }

    /**
     * Begins a sync whose requests the app carries one by one. Needs an enrolled vault; while another sync runs, its report says
     * [SyncOutcome.AlreadyRunning].
     */
    public suspend fun beginSync(budget: Budget = Budget()): SyncSession {
        beats.wake()
        return made(SyncSession::abandon) {
            val session = inner.beginSync(budget)
            SyncSession(session, syncs, syncs.begin())
        }
    }

    private suspend fun enrolling(cancel: CancelToken?, call: (CancelToken) -> EnrollOutcome): EnrollOutcome =
        syncs.cancellable(cancel) { token -> call(token).also { beats.beat() } }

    /** A call after which something may look otherwise; a cancelled coroutine does not keep the flows from saying so. */
    private suspend fun <T> changing(call: () -> T): T = looking { call().also { beats.beat() } }

    /** A call of the app: it takes up a vault that was laid down, and the flows may look again. */
    private suspend fun <T> looking(call: () -> T): T {
        beats.wake()
        return offThread(call)
    }

    /** Where a field book is opened. */
    public companion object {
        /**
         * Opens the vault in [folder], or makes a new one there. One folder holds one person's record on this phone.
         *
         * A vault whose database does not open is [FieldBookException.Damaged] and left exactly as it is. Without [clock] the
         * system's clocks are used, which is enough on Linux; phones hide theirs and need one.
         */
        public suspend fun open(folder: String, keyVault: KeyVault, clock: HostClock? = null): FieldBook =
            made(FieldBook::close) {
                FieldBook(NativeFieldBook.open(folder, HostedKeys(keyVault), clock?.let(::HostedClock)))
            }
    }
}
