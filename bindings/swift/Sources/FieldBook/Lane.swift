import Foundation

/// Where blocking calls run. Never on the threads of Swift concurrency: those are as few as there are cores, and one that
/// waits for a disk or a network holds up every task of the app.
enum Lane: Sendable {
    /// Short calls: views and records.
    case short
    /// What looks again after a change, and `suspend`: one after the other, so that no look wakes what was just laid down.
    case views
    /// A call that may take minutes: a thread of its own, so that it holds up no short one.
    case long

    /// In place of every lane; tests use it to call from many threads at once.
    @TaskLocal static var forced: Lane?

    private static let shortCalls = DispatchQueue(label: "grid.fieldbook.calls", attributes: .concurrent)
    private static let viewCalls = DispatchQueue(label: "grid.fieldbook.views")

    private func start(_ work: @escaping @Sendable () -> Void) {
        switch self {
        case .short: Self.shortCalls.async(execute: work)
        case .views: Self.viewCalls.async(execute: work)
        case .long:
            let thread = Thread(block: work)
            thread.name = "grid-call"
            thread.start()
        }
    }

    /// Runs a blocking call here and waits for it without blocking. A call that has begun runs to its end.
    func run<Answer: Sendable>(
        _ call: @escaping @Sendable () throws -> Answer
    ) async throws(FieldBookError) -> Answer {
        let lane = Self.forced ?? self
        let ended: Result<Answer, FieldBookError> = await withCheckedContinuation { continuation in
            let once = Once(call)
            lane.start { continuation.resume(returning: once.run()) }
        }
        return try ended.get()
    }
}

/// A call that is made once and lets go of what it holds before its answer is heard: who lets go of a field book after an
/// answer has really let go of it.
private final class Once<Answer: Sendable>: @unchecked Sendable {
    // Touched by one thread only, the one that runs it.
    private var call: (@Sendable () throws -> Answer)?

    init(_ call: @escaping @Sendable () throws -> Answer) { self.call = call }

    func run() -> Result<Answer, FieldBookError> {
        defer { call = nil }
        return outcome { try call.unsafelyUnwrapped() }
    }
}

/// A value that several threads may touch, one at a time.
final class Locked<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func with<Answer>(_ touch: (inout Value) -> Answer) -> Answer {
        lock.lock()
        defer { lock.unlock() }
        return touch(&value)
    }
}
