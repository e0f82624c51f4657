import FieldBookFFI

/// How the sync of a field book stands.
public enum SyncState: Equatable, Sendable {
    /// None was begun since the field book was opened.
    case never
    /// One runs; no step of it has ended when there is no progress yet.
    case running(SyncProgress?)
    /// The last one ended so.
    case ended(SyncReport)
    /// The last one could not be done.
    case failed(FieldBookError)
}

/// Views that change. Each stream gives what holds now, and again when it is not the same any more: after own records, after a
/// step of a sync, after ``FieldBook/reopen()``. What nobody took in time is replaced by what is newer. A stream ends when the
/// field book is let go of, or when the task that reads it is cancelled; while the book is closed or suspended it is silent.
extension FieldBook {
    /// The tasks as ``tasks(openOnly:limit:)`` gives them.
    public nonisolated func taskUpdates(openOnly: Bool = true, limit: Int = 200) -> AsyncStream<[TaskView]> {
        updates { try $0.tasks(openOnly: openOnly, limit: UInt32(clamping: limit)) }
    }

    /// The patrol that is not ended; none when there is none.
    public nonisolated func patrolUpdates() -> AsyncStream<PatrolView?> {
        updates { book in try book.status().openPatrol.map { try book.patrol(patrol: $0) } }
    }

    /// What waits to be sent, or was sent back, as ``waiting(limit:)`` gives it.
    public nonisolated func outboxUpdates(limit: Int = 200) -> AsyncStream<[WaitingView]> {
        updates { try $0.waiting(limit: UInt32(clamping: limit)) }
    }

    /// The one line that a worker reads, as ``status()`` gives it.
    public nonisolated func statusUpdates() -> AsyncStream<VaultStatus> {
        updates { try $0.status() }
    }

    /// How the sync stands, whoever began it on this object.
    public nonisolated func syncStates() -> AsyncStream<SyncState> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { [bell] updates in
            let telling = Task {
                var told: SyncState?
                for await _ in bell.listen() {
                    let state = bell.sync
                    guard state != told else { continue }
                    told = state
                    updates.yield(state)
                }
                updates.finish()
            }
            updates.onTermination = { _ in telling.cancel() }
        }
    }

    private nonisolated func updates<View: Equatable & Sendable>(
        _ look: @escaping @Sendable (Library) throws -> View
    ) -> AsyncStream<View> {
        // A stream that is still read keeps no vault open.
        let book = Weakly(inner)
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { [bell] updates in
            let telling = Task {
                var told: View?
                for await _ in bell.listen() {
                    guard let view = await Self.seen(book, bell, look), view != told else { continue }
                    told = view
                    updates.yield(view)
                }
                updates.finish()
            }
            updates.onTermination = { _ in telling.cancel() }
        }
    }

    /// What a view holds now; nothing while the book is asleep, closed or gone.
    private static func seen<View: Sendable>(
        _ book: Weakly, _ bell: Bell, _ look: @escaping @Sendable (Library) throws -> View
    ) async -> View? {
        // What cannot be seen now is looked at again after the next change.
        try? await Lane.views.run {
            guard !bell.isAsleep, let book = book.book else { return nil }
            return try look(book)
        }
    }
}

/// A field book that this does not keep.
private final class Weakly: @unchecked Sendable {
    // Set once; the runtime makes reading it safe from any thread.
    private(set) weak var book: FieldBook.Library?

    init(_ book: FieldBook.Library) { self.book = book }
}
