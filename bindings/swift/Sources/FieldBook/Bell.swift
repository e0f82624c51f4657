import FieldBookFFI

/// Tells views that something may have changed, and keeps how the sync stands. Asks nothing itself.
final class Bell: Sendable {
    private struct State: Sendable {
        var isAsleep = false
        var sync = SyncState.never
        var last = 0
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Locked(State())

    /// Something was recorded, sent or fetched.
    func ring() {
        let listeners = state.with { Array($0.listeners.values) }
        for listener in listeners { listener.yield() }
    }

    /// Rings once at the beginning and then after every change, several in one. Ends with ``end()``.
    func listen() -> AsyncStream<Void> {
        let (rings, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.with { state in
            state.last += 1
            state.listeners[state.last] = listener
            return state.last
        }
        listener.onTermination = { [weak self] _ in
            self?.state.with { state in _ = state.listeners.removeValue(forKey: number) }
        }
        listener.yield()
        return rings
    }

    /// Nobody listens any more: the field book is gone.
    func end() {
        let listeners = state.with { state in
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }

    /// From now on views do not look: the vault is laid down.
    func sleep() { state.with { $0.isAsleep = true } }

    /// Somebody calls the field book: views may look again, and should.
    func wake() {
        let slept = state.with { state in
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if slept { ring() }
    }

    var isAsleep: Bool { state.with { $0.isAsleep } }

    var sync: SyncState { state.with { $0.sync } }

    /// A sync begins; one that is told to be running already changes nothing.
    func syncBegins() {
        state.with { state in
            if case .running = state.sync { return }
            state.sync = .running(nil)
        }
        ring()
    }

    func syncIs(at progress: SyncProgress) {
        state.with { $0.sync = .running(progress) }
        ring()
    }

    /// A sync has ended; of one that found another under way nothing is told.
    func syncEnded(_ ended: Result<SyncReport, FieldBookError>) {
        switch ended {
        case .success(let report) where report.outcome == .alreadyRunning: return
        case .success(let report): state.with { $0.sync = .ended(report) }
        case .failure(let error): state.with { $0.sync = .failed(error) }
        }
        ring()
    }
}
