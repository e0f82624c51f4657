import FieldBookFFI
import Foundation

/// One worker's durable record on one phone.
///
/// Share one object between tasks. A call that records something returns only when it is durable, and goes on when its task is
/// cancelled meanwhile: what a worker saved stays saved. Only ``sync(_:cancel:progress:)`` and the calls beside it stop on
/// cancellation. Blocking work is done off the threads of Swift concurrency.
///
/// Letting go of the last reference closes the vault and ends every stream.
public actor FieldBook {
    /// The class of the library's object; its calls block.
    package typealias Library = FieldBookFFI.FieldBook

    /// The library's object, for what a callback may do on its own thread.
    package nonisolated let inner: Library
    nonisolated let bell = Bell()

    private init(_ inner: Library) { self.inner = inner }

    deinit { bell.end() }

    /// Opens the vault in `folder`, or makes a new one there. One folder holds one person's record on this phone.
    ///
    /// A vault whose database does not open is ``FieldBookError/damaged`` and left exactly as it is. Without `clock` the
    /// system's clocks are used, which is enough on Linux; phones hide theirs and need one.
    public static func open(
        folder: String, keyVault: any KeyVault, clock: (any HostClock)? = nil
    ) async throws(FieldBookError) -> FieldBook {
        let opened = try await Lane.short.run {
            try Library.open(folder: folder, keyVault: keyVault, clock: clock)
        }
        return FieldBook(opened)
    }

    /// The same for the URL of a folder.
    public static func open(
        folder: URL, keyVault: any KeyVault, clock: (any HostClock)? = nil
    ) async throws(FieldBookError) -> FieldBook {
        try await open(folder: folder.path, keyVault: keyVault, clock: clock)
    }

    /// Brings a vault back that could not be opened because it is damaged, and closes it. Safe to ask for at any time, again
    /// after it was cut off, too; the damaged file is kept. ``FieldBookError/damaged`` when neither copy opens under this key:
    /// then nothing is touched.
    public static func recover(
        folder: String, keyVault: any KeyVault, clock: (any HostClock)? = nil
    ) async throws(FieldBookError) -> RecoveryReport {
        try await Lane.long.run { try FieldBookFFI.recover(folder: folder, keyVault: keyVault, clock: clock) }
    }

    /// Lines of the log go to `log` from now on, in place of one that was set before; without one they are dropped. They hold
    /// no worker's words, no name and no place.
    public static func setLog(_ log: (any Log)?) throws(FieldBookError) {
        try answered { try FieldBookFFI.setLog(log: log) }
    }

    /// Closes. Returns when no lock is held and every buffered fix is durable; later calls say ``FieldBookError/closed``.
    public func close() async throws(FieldBookError) {
        try await record { try $0.close() }
    }

    /// Opens again after ``close()``, with the key that is still in memory. Does nothing to an open book.
    public func reopen() async throws(FieldBookError) {
        try await record { try $0.reopen() }
    }

    /// Lets go of every lock and file, as a phone's system asks before it suspends the app; the next call takes them up again.
    /// Until then streams are silent.
    public func suspend() async throws(FieldBookError) {
        bell.sleep()
        do throws(FieldBookError) {
            try await Lane.views.run { [inner] in try inner.suspend() }
        } catch {
            bell.wake()
            throw error
        }
    }

    /// Makes buffered track fixes durable now. They are within 15 seconds anyway; for the moment an app goes to sleep.
    public func flushFixes() async throws(FieldBookError) {
        try await record { try $0.flushFixes() }
    }

    /// A call that only looks.
    func look<Answer: Sendable>(
        on lane: Lane = .short, _ call: @escaping @Sendable (Library) throws -> Answer
    ) async throws(FieldBookError) -> Answer {
        bell.wake()
        return try await lane.run { [inner] in try call(inner) }
    }

    /// A call that changes something: views are told.
    func record<Answer: Sendable>(
        on lane: Lane = .short, _ call: @escaping @Sendable (Library) throws -> Answer
    ) async throws(FieldBookError) -> Answer {
        let answer = try await look(on: lane, call)
        bell.ring()
        return answer
    }
}
