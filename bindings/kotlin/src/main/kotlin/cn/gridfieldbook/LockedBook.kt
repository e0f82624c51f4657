package cn.gridfieldbook

import grid.fieldbook.ffi.LockedBook as NativeLockedBook

/**
 * A vault whose key the phone cannot give, and that can still be written to: rescues, matters found and counts. What it takes
 * is sealed, and imported when the vault opens again.
 */
public class LockedBook private constructor(private val inner: NativeLockedBook) : AutoCloseable {
    /** Starts a rescue. Durable before return. */
    public suspend fun startUrgent(draft: UrgentDraft): BornCase = offThread { inner.startUrgent(draft) }

    /** Records one step of a rescue, as [FieldBook.urgentMilestone]. Durable before return. */
    public suspend fun urgentMilestone(caseId: String, milestone: String): SavedRecord =
        offThread { inner.urgentMilestone(caseId, milestone) }

    /** Reports a matter found in the field; without attachments. Durable before return. */
    public suspend fun reportCase(draft: CaseDraft): BornCase = offThread { inner.reportCase(draft) }

    /** Adds a step to a counter. Durable before return. */
    public suspend fun count(draft: CountDraft): SavedRecord = offThread { inner.count(draft) }

    /** Ends the capture; later calls answer [FieldBookException.Closed]. Then the vault can be opened. */
    public suspend fun end(): Unit = offThread { inner.end() }

    /** Ends the capture, and frees the object. Waits for the disk: call it on a background thread. */
    override fun close() {
        inner.use { book ->
            try {
                translated { book.end() }
            } catch (_: FieldBookException.Closed) {
                // Ended and freed before.
            }
        }
    }

    /** Where a capture begins. */
    public companion object {
        /** Begins a capture for the vault in [folder]. [FieldBookException.NotFound] when no vault was ever opened there. */
        public suspend fun open(folder: String, clock: HostClock? = null): LockedBook =
            made(LockedBook::close) { LockedBook(NativeLockedBook.open(folder, clock?.let(::HostedClock))) }
    }
}
