import PlainKeys
import XCTest

@testable import FieldBook

final class StreamTests: XCTestCase {
    func testAViewGivesWhatHoldsAndThenEachChange() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let stands = book.statusUpdates()
        let before = try await next(of: stands)
        XCTAssertEqual(before.saved, 0)
        try await book.count(oneRescued)
        let after = try await next(of: stands) { $0.saved == 1 }
        equal(after, try await book.status())
        try await book.close()
    }

    func testTheOutboxFollows() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: try desk.copy("vault"), keyVault: PlainKeys())
        let outbox = book.outboxUpdates(limit: 500)
        let waited = try await next(of: outbox).count
        try await book.count(oneRescued)
        let waiting = try await next(of: outbox) { $0.count == waited + 1 }
        XCTAssertEqual(waiting.first?.record?.kind, "counted")
        try await book.close()
    }

    func testThePatrolThatIsUnderWay() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let patrols = book.patrolUpdates()
        let none = try await next(of: patrols)
        XCTAssertNil(none)
        let patrol = try await book.startPatrol(PatrolDraft(patrolType: "coastline", transport: "foot", post: "DL-01")).patrol
        let started = try await next(of: patrols) { $0 != nil }
        XCTAssertEqual(started?.id, patrol)
        try await book.recordFix(FixDraft(latE7: 397_500_000, lonE7: 1_237_300_000, accuracyDm: 50, speedCms: 120), patrol: patrol)
        _ = try await next(of: patrols) { $0?.fixes == 1 }
        try await book.pausePatrol(patrol)
        _ = try await next(of: patrols) { $0?.status == .paused }
        try await book.endPatrol(patrol)
        _ = try await next(of: patrols) { $0 == nil }
        try await book.close()
    }

    func testAStreamIsToldNothingTwice() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let seen = Seen()
        let reading = Task { for await tasks in book.taskUpdates() { seen.add(String(tasks.count)) } }
        let stands = book.statusUpdates()
        try await until("the first view") { seen.all.count == 1 }
        for saved in 1...5 {
            try await book.count(oneRescued)
            _ = try await next(of: stands) { $0.saved == saved }
        }
        // Views are looked at one after the other: the tasks were looked at before the last status.
        XCTAssertEqual(seen.all, ["0"])
        reading.cancel()
        await reading.value
        try await book.close()
    }

    func testStreamsAreSilentWhileTheBookSleepsAndWakeNothing() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let stands = book.statusUpdates()
        _ = try await next(of: stands)
        for round in 1...5 {
            try await book.count(oneRescued)
            try await book.suspend()
            XCTAssertEqual(openFiles(below: desk.vault), [], "round \(round)")
        }
        try await Task.sleep(nanoseconds: 50_000_000)
        XCTAssertEqual(openFiles(below: desk.vault), [])
        try await book.count(oneRescued)
        _ = try await next(of: stands) { $0.saved == 6 }
        try await book.close()
    }

    func testABookThatCouldNotBeLaidDownIsAwake() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        try await book.close()
        let laidDown: Void? = try? await book.suspend()
        XCTAssertNil(laidDown)
        XCTAssertFalse(book.bell.isAsleep)
    }

    func testClosingSilencesAndReopeningTells() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        try await book.count(oneRescued)
        let stands = book.statusUpdates()
        _ = try await next(of: stands) { $0.saved == 1 }
        try await book.close()
        XCTAssertEqual(openFiles(below: desk.vault), [])
        try await book.reopen()
        try await book.count(oneRescued)
        _ = try await next(of: stands) { $0.saved == 2 }
    }

    func testLettingGoEndsEveryStreamAndKeepsNoVaultOpen() async throws {
        let desk = try Desk()
        var book: FieldBook? = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let streams = [
            Self.read(book?.statusUpdates()), Self.read(book?.taskUpdates()), Self.read(book?.outboxUpdates()),
            Self.read(book?.patrolUpdates()), Self.read(book?.syncStates()),
        ]
        try await book?.count(oneRescued)
        book = nil
        for stream in streams { await stream.value }
        try await until("no file is open") { openFiles(below: desk.vault).isEmpty }
        let again = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        equal(try await again.status().saved, 1)
        try await again.close()
    }

    private static func read<View: Sendable>(_ stream: AsyncStream<View>?) -> Task<Void, Never> {
        Task { if let stream { for await _ in stream {} } }
    }

    func testCancellingTheReaderEndsItsStream() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let seen = Seen()
        let reading = Task { for await status in book.statusUpdates() { seen.add(String(status.saved)) } }
        try await until("the first view") { !seen.all.isEmpty }
        reading.cancel()
        await reading.value
        try await book.count(oneRescued)
        XCTAssertEqual(seen.all, ["0"])
        try await book.close()
    }
}
