import FieldBook
import PlainKeys
import XCTest

@testable import FieldBook

final class CancelTests: XCTestCase {
    /// What the library promises of a cancelled sync, ms.
    private static let cancelledWithinMs = 100.0

    func testCancellingATaskEndsItsSyncAtOnce() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: try desk.copy("vault"), keyVault: PlainKeys())
        var took: [Double] = []
        for _ in 0..<9 {
            let seen = Seen()
            let carrier = try desk.carrier([desk.blocking], seen)
            let sync = Task { try await book.sync(over: carrier) }
            try await until("the carrier is asked") { !seen.all.isEmpty }
            let begun = Date()
            sync.cancel()
            let report = try await sync.value
            took.append(Date().timeIntervalSince(begun) * 1_000)
            XCTAssertEqual(report.outcome, .cancelled)
        }
        took.sort()
        print("figure: a cancelled sync ends within \(took.map { String(format: "%.0f", $0) }.joined(separator: " ")) ms")
        // The middle one: the machine may be busy with others for a moment.
        XCTAssertLessThan(took[took.count / 2], Self.cancelledWithinMs)
        try await book.close()
    }

    func testATokenEndsASyncToo() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: try desk.copy("vault"), keyVault: PlainKeys())
        let (seen, token) = (Seen(), CancelToken())
        let carrier = try desk.carrier([desk.blocking], seen)
        let sync = Task { try await book.sync(over: carrier, cancel: token) }
        try await until("the carrier is asked") { !seen.all.isEmpty }
        token.cancel()
        let report = try await sync.value
        XCTAssertEqual(report.outcome, .cancelled)
        try await book.close()
    }

    func testCancellingATaskEndsItsEnrolment() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let seen = Seen()
        let carrier = try desk.carrier([desk.blocking], seen)
        let enrolment = Task {
            try await book.enroll(over: carrier, ticket: "grid:http://127.0.0.1:9#code=ABCD-EFGH", phone: thisPhone)
        }
        try await until("the carrier is asked") { !seen.all.isEmpty }
        enrolment.cancel()
        equal(try await enrolment.value, .noLink(problem: .cancelled))
        equal(try await book.platform(), nil)
        try await book.close()
    }

    func testATaskThatIsCancelledAlreadySendsNothing() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: try desk.copy("vault"), keyVault: PlainKeys())
        let seen = Seen()
        let carrier = try desk.carrier([desk.blocking], seen)
        let (gate, opened) = AsyncStream.makeStream(of: Void.self)
        let sync = Task {
            for await _ in gate {}
            return try await book.sync(over: carrier)
        }
        sync.cancel()
        opened.finish()
        let report = try await sync.value
        XCTAssertEqual(report.outcome, .cancelled)
        XCTAssertEqual(seen.all, [])
        try await book.close()
    }

    func testWhatACancelledTaskRecordsIsRecorded() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let tap = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await book.count(oneRescued)
        }
        let saved = try await tap.value
        XCTAssertEqual(saved.seq, 1)
        equal(try await book.status().saved, 1)
        try await book.close()
    }

    func testCancellingASessionsReaderEndsTheSession() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: try desk.copy("vault"), keyVault: PlainKeys())
        let session = try await book.beginSync()
        let first = await session.nextRequest()
        XCTAssertNotNil(first)
        let states = book.syncStates()
        let reading = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            while await session.nextRequest() != nil {}
        }
        await reading.value
        XCTAssertEqual(try session.report().outcome, .cancelled)
        _ = try await next(of: states) { if case .ended(let report) = $0 { report.outcome == .cancelled } else { false } }
        try await book.close()
    }

    func testLettingGoOfASessionEndsItAndTellsTheViews() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: try desk.copy("vault"), keyVault: PlainKeys())
        let states = book.syncStates()
        var session: SyncSession? = try await book.beginSync()
        let first = await session?.nextRequest()
        XCTAssertNotNil(first ?? nil)
        _ = try await next(of: states) { $0 == .running(nil) }
        session = nil
        _ = try await next(of: states) { if case .ended(let report) = $0 { report.outcome == .cancelled } else { false } }
        try await book.close()
    }

    /// More calls that block than Swift concurrency has threads, and every task goes on.
    func testBlockedCallsHoldUpNoTask() async throws {
        let desk = try Desk()
        var syncs: [Task<SyncReport, any Error>] = []
        let seen = Seen()
        let blocked = ProcessInfo.processInfo.activeProcessorCount * 4
        var books: [FieldBook] = []
        for at in 0..<blocked {
            let book = try await FieldBook.open(folder: try desk.copy("vault", as: "vault-\(at)"), keyVault: PlainKeys())
            let carrier = try desk.carrier([desk.blocking], seen)
            syncs.append(Task { try await book.sync(over: carrier) })
            books.append(book)
        }
        try await until("all are blocked") { seen.all.count == blocked }
        let begun = Date()
        for book in books { try await book.count(oneRescued) }
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<1_000 { group.addTask { number } }
            return await group.reduce(0, +)
        }
        XCTAssertEqual(sum, 499_500)
        XCTAssertLessThan(Date().timeIntervalSince(begun), 10)
        for sync in syncs { sync.cancel() }
        for sync in syncs { equal(try await sync.value.outcome, .cancelled) }
        for book in books { try await book.close() }
    }

    func testSixtyFourThreadsCountEachOnce() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let (start, seen) = (Gate(), Seen())
        for _ in 0..<64 {
            // The library's object itself, from threads that are not ours.
            Thread.detachNewThread {
                start.wait()
                seen.add((try? book.inner.count(draft: oneRescued)).map { String($0.seq) } ?? "failed")
            }
        }
        start.open()
        try await until("all have counted") { seen.all.count == 64 }
        XCTAssertEqual(Set(seen.all).count, 64)
        equal(try await book.status().saved, 64)
        try await book.close()
    }
}
