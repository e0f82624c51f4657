import FieldBook
import PlainKeys
import XCTest

@testable import FieldBook

/// What is left over after many rounds: nothing. GRID_LEAKS=full plays twenty times and five times as many.
final class LeakTests: XCTestCase {
    private static let isFull = ProcessInfo.processInfo.environment["GRID_LEAKS"] == "full"
    /// How much more the last quarter may need than the second.
    private static let growthMax = 0.05

    func testOpeningUsingAndClosingLeavesNothing() async throws {
        let desk = try Desk()
        var pages: [Int] = []
        for _ in 0..<(Self.isFull ? 10_000 : 500) {
            try await round(desk.vault)
            pages.append(try residentPages())
        }
        try judge("rounds of open, use and close", pages)
        XCTAssertEqual(openFiles(below: desk.vault), [])
        // Threads of the library let go of what they were given a moment later.
        try await until("nothing of the app is held by the library") { Living.count.with { $0 } == 0 }
    }

    private func round(_ vault: URL) async throws {
        let book = try await FieldBook.open(folder: vault, keyVault: CountedKeys(), clock: CountedClock())
        let stands = book.statusUpdates()
        try await book.count(oneRescued)
        _ = try await next(of: stands) { $0.saved > 0 }
        _ = try await book.tallyToday()
        // It is enrolled nowhere.
        let synced = try? await book.sync(over: CountedCarrier(), progress: CountedListener())
        XCTAssertNil(synced)
        try await book.close()
    }

    func testViewCallsLeaveNothing() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: try desk.copy("vault"), keyVault: PlainKeys())
        var pages: [Int] = []
        for call in 0..<(Self.isFull ? 100_000 : 20_000) {
            switch call % 4 {
            case 0: _ = try await book.status()
            case 1: _ = try await book.tasks(limit: 50)
            case 2: _ = try await book.records(limit: 20)
            default: _ = try await book.search("清理")
            }
            if call.isMultiple(of: 20) { pages.append(try residentPages()) }
        }
        try judge("view calls", pages)
        try await book.close()
        XCTAssertEqual(openFiles(below: desk.folder), [])
    }

    private func judge(_ what: String, _ pages: [Int]) throws {
        let quarter = pages.count / 4
        let mean = { (part: Range<Int>) in Double(pages[part].reduce(0, +)) / Double(part.count) }
        let (second, last) = (mean(quarter..<2 * quarter), mean(3 * quarter..<4 * quarter))
        let figure = String(format: "%.1f MB, then %.1f MB", second * 4_096 / 1e6, last * 4_096 / 1e6)
        print("figure: \(what): \(figure)")
        XCTAssertLessThanOrEqual(last, second * (1 + Self.growthMax), "\(what): \(figure)")
    }

    /// The second number of /proc/self/statm.
    private func residentPages() throws -> Int {
        let told = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try XCTUnwrap(told.dropFirst().first.flatMap { Int($0) })
    }
}

/// How many objects of the app live that were handed to the library.
private enum Living {
    static let count = Locked(0)
}

private class Counted: @unchecked Sendable {
    init() { Living.count.with { $0 += 1 } }
    deinit { Living.count.with { $0 -= 1 } }
}

private final class CountedKeys: Counted, KeyVault, @unchecked Sendable {
    func wrap(key: Data) throws -> Data { try PlainKeys().wrap(key: key) }
    func unwrap(wrapped: Data) throws -> Data { try PlainKeys().unwrap(wrapped: wrapped) }
}

private final class CountedClock: Counted, HostClock, @unchecked Sendable {
    func now() throws -> ClockReading { ClockReading(wallMs: 1_800_000_000_000, monoMs: 1, boot: 1) }
}

private final class CountedCarrier: Counted, Transport, @unchecked Sendable {
    func send(request: HttpRequest, cancel: CancelToken) throws -> HttpAnswer { throw TransportError.Failed(detail: "nobody") }
    func authority() throws -> Data? { nil }
}

private final class CountedListener: Counted, ProgressListener, @unchecked Sendable {
    func onProgress(progress: SyncProgress) throws {}
}
