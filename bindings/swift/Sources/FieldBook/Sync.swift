import FieldBookFFI

/// Sync: sends what waits and fetches what is new. How it ended is a value.
extension FieldBook {
    /// Sends what waits and fetches what is new, within the budget, until nothing is left to do. Needs an enrolled vault.
    ///
    /// Cancelling the task or the token ends it within 100 ms as `cancelled`; what was receipted stays so. While another sync
    /// runs the outcome is `alreadyRunning`. Records and views go on meanwhile.
    public func sync(
        _ budget: Budget = Budget(), cancel: CancelToken = CancelToken(), progress: (any ProgressListener)? = nil
    ) async throws(FieldBookError) -> SyncReport {
        try await synced(cancel, progress) { try $0.sync(budget: budget, cancel: cancel, progress: $1) }
    }

    /// The same over the app's own carrier. The requests are those that ``sync(_:cancel:progress:)`` makes.
    public func sync(
        over transport: any Transport, _ budget: Budget = Budget(), cancel: CancelToken = CancelToken(),
        progress: (any ProgressListener)? = nil
    ) async throws(FieldBookError) -> SyncReport {
        try await synced(cancel, progress) {
            try $0.syncOver(transport: transport, budget: budget, cancel: cancel, progress: $1)
        }
    }

    /// Begins a sync whose requests the app carries one by one, whenever it can: for transfers in the background.
    public func beginSync(_ budget: Budget = Budget()) async throws(FieldBookError) -> SyncSession {
        let session = try await look { try $0.beginSync(budget: budget) }
        bell.syncBegins()
        return SyncSession(session, bell)
    }

    /// What a sync within this budget would send now; sends nothing.
    public func planSync(_ budget: Budget = Budget()) async throws(FieldBookError) -> SyncPlan {
        try await look { try $0.planSync(budget: budget) }
    }

    /// Tell this whenever the phone's network changes. Answers how long to wait before a sync over it, ms; none when there is
    /// no network or nothing that may go over it.
    @discardableResult
    public func networkChanged(_ network: Network) async throws(FieldBookError) -> UInt64? {
        try await record { try $0.networkChanged(network: network) }
    }

    private func synced(
        _ cancel: CancelToken, _ progress: (any ProgressListener)?,
        _ call: @escaping @Sendable (Library, any ProgressListener) throws -> SyncReport
    ) async throws(FieldBookError) -> SyncReport {
        bell.syncBegins()
        let listener = BellListener(bell, progress)
        let ended: Result<SyncReport, FieldBookError>
        do throws(FieldBookError) {
            ended = .success(try await cancellable(cancel) { try call($0, listener) })
        } catch {
            ended = .failure(error)
        }
        listener.end()
        bell.syncEnded(ended)
        return try ended.get()
    }

    /// A call that looks at a token: cancelling the task cancels the token.
    func cancellable<Answer: Sendable>(
        _ cancel: CancelToken, _ call: @escaping @Sendable (Library) throws -> Answer
    ) async throws(FieldBookError) -> Answer {
        bell.wake()
        let ended: Result<Answer, FieldBookError> = await withTaskCancellationHandler { [inner] in
            do throws(FieldBookError) {
                return .success(try await Lane.long.run { try call(inner) })
            } catch {
                return .failure(error)
            }
        } onCancel: {
            cancel.cancel()
        }
        return try ended.get()
    }
}

/// Tells the views of a step, then the app's own listener. The library leaves a listener behind when the sync is cancelled: after
/// the end it says nothing.
private final class BellListener: ProgressListener {
    private let bell: Bell
    private let listener: (any ProgressListener)?
    private let isOver = Locked(false)

    init(_ bell: Bell, _ listener: (any ProgressListener)?) {
        self.bell = bell
        self.listener = listener
    }

    func end() { isOver.with { $0 = true } }

    func onProgress(progress: SyncProgress) throws {
        let isLate = isOver.with { isOver in
            if !isOver { bell.syncIs(at: progress) }
            return isOver
        }
        guard !isLate else { return }
        try listener?.onProgress(progress: progress)
    }
}
