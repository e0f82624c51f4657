import FieldBookFFI

/// A running sync, step by step: ``nextRequest()``, carry it, ``answer(_:)`` or ``noAnswer(_:)``, until there is no request;
/// then ``report()``.
///
/// Nothing is lost when the app dies between two steps: the next sync goes on where this one stood. Letting go of the object
/// cancels the sync.
public final class SyncSession: Sendable {
    private let inner: FieldBookFFI.SyncSession
    private let bell: Bell
    private let hasEnded = Locked(false)

    init(_ inner: FieldBookFFI.SyncSession, _ bell: Bell) {
        self.inner = inner
        self.bell = bell
    }

    deinit {
        guard !hasEnded.with({ $0 }) else { return }
        // The sync notices within a moment; until then it may ask for one more request. Then the views are told.
        Task { [inner, bell] in
            inner.cancel()
            try? await Lane.long.run {
                while inner.nextRequest() != nil { try? inner.noAnswer(problem: .cancelled) }
            }
            bell.syncEnded(outcome { try inner.report() })
        }
    }

    /// The request that is to be carried next; none when the sync has ended. Waits while the last answer is made durable. Asked
    /// again before the answer it gives the same one. Cancelling the task cancels the sync.
    public func nextRequest() async -> HttpRequest? {
        let request = await withTaskCancellationHandler { [inner] in
            // Between two tries over a weak link it waits long.
            try? await Lane.long.run { inner.nextRequest() }
        } onCancel: {
            cancel()
        }
        if let request { return request }
        hasEnded.with { $0 = true }
        bell.syncEnded(outcome { try inner.report() })
        return nil
    }

    /// Hands in the answer to the request that waits, whatever its status. ``FieldBookError/invalidInput(field:detail:)`` when
    /// none does.
    public func answer(_ answer: HttpAnswer) throws(FieldBookError) {
        try answered { try inner.answer(answer: answer) }
        bell.ring()
    }

    /// Says that the request that waits got no answer. ``FieldBookError/invalidInput(field:detail:)`` when none does.
    public func noAnswer(_ problem: LinkProblem) throws(FieldBookError) {
        try answered { try inner.noAnswer(problem: problem) }
    }

    /// Asks the sync to stop; then ``nextRequest()`` gives none.
    public func cancel() { inner.cancel() }

    /// What the sync did. ``FieldBookError/invalidInput(field:detail:)`` while it runs.
    public func report() throws(FieldBookError) -> SyncReport {
        try answered { try inner.report() }
    }
}
