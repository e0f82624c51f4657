import FieldBook
import PlainKeys
import XCTest

/// Against a real platform on loopback.
final class SyncTests: XCTestCase {
    private var desk: Desk?
    private var platform: Platform?

    override func tearDown() {
        platform?.stop()
        platform = nil
        desk = nil
    }

    /// A platform, and a field book that it knows.
    private func enrolled() async throws -> (FieldBook, Platform) {
        let desk = try Desk()
        let platform = try Platform(folder: desk.folder.appendingPathComponent("platform"))
        (self.desk, self.platform) = (desk, platform)
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let ticket = try platform.ask("ticket")["ticket"].asText ?? ""
        let outcome = try await book.enroll(ticket: ticket, phone: thisPhone)
        XCTAssertEqual(outcome, .enrolled)
        return (book, platform)
    }

    func testATaskIsReportedWithAPhotoAndReceived() async throws {
        let (book, platform) = try await enrolled()
        let tasks = book.taskUpdates()
        let given = try platform.ask("task", ["no": .text("DL-2026-000777"), "title": .text("清理楼道杂物")])["task"].asText
        let first = try await book.sync()
        XCTAssertEqual(first.outcome, .complete)
        let views = try await next(of: tasks) { $0.contains { $0.id == given } }
        let task = try XCTUnwrap(views.first { $0.id == given })
        XCTAssertEqual(task.title, "清理楼道杂物")
        let photo = try await book.attach(
            AttachmentDraft(role: "after", mime: "image/jpeg", content: Data((0..<50_000).map { UInt8($0 * 31 % 251) })))
        let draft = ReportDraft(result: "solved", narrative: "已经清理干净", attachments: [photo])
        try await book.submit(draft, task: task.id)
        _ = try await next(of: tasks) { !$0.contains { $0.id == given && $0.status == "assigned" } }
        equal(try await book.task(task.id).own, .saved)
        let second = try await book.sync()
        XCTAssertEqual(second.outcome, .complete)
        XCTAssertEqual(second.photosDone, 1)
        let own = try await book.task(task.id).own
        XCTAssertTrue(own == .received || own == .backedUp)
        equal(try await book.waiting(), [])
        try await book.close()
    }

    func testALinkThatIsDownLosesNothing() async throws {
        let (book, platform) = try await enrolled()
        try await book.count(oneRescued)
        _ = try platform.ask("down")
        let down = try await book.sync()
        guard case .noLink = down.outcome else { return XCTFail("\(down.outcome)") }
        equal(try await book.status().saved, 1)
        _ = try platform.ask("up")
        let wait = try await book.networkChanged(.unmetered)
        XCTAssertNotNil(wait)
        let up = try await book.sync()
        XCTAssertEqual(up.outcome, .complete)
        XCTAssertEqual(up.received, 1)
        XCTAssertEqual(try platform.ask("state")["records"].asInt, 1)
        try await book.close()
    }

    func testTheSyncIsOneStateAndASecondOneChangesNothing() async throws {
        let (book, _) = try await enrolled()
        try await book.count(oneRescued)
        let states = book.syncStates()
        let (seen, token) = (Seen(), CancelToken())
        let blocked = try XCTUnwrap(desk).carrier([XCTUnwrap(desk).blocking], seen)
        let sync = Task { try await book.sync(over: blocked, cancel: token) }
        try await until("the carrier is asked") { !seen.all.isEmpty }
        let second = try await book.sync()
        XCTAssertEqual(second.outcome, .alreadyRunning)
        _ = try await next(of: states) { if case .running = $0 { true } else { false } }
        token.cancel()
        let cancelled = try await sync.value
        _ = try await next(of: states) { $0 == .ended(cancelled) }
        let report = try await book.sync()
        _ = try await next(of: states) { $0 == .ended(report) }
        try await book.close()
    }

    func testARecordIsHandedOverSealedAndOnlyWhatWasSentBackIsAmended() async throws {
        let (book, _) = try await enrolled()
        let born = try await book.reportCase(
            CaseDraft(caseKind: "hazard", title: "井盖松动", description: "踩上去会翻", placeText: "东口"))
        let sealed = try await book.export(seq: born.saved.seq)
        XCTAssertGreaterThan(sealed.count, 100)
        XCTAssertNil(sealed.range(of: Data("井盖松动".utf8)))
        let error = await thrown { () async throws(FieldBookError) in
            try await book.amend(seq: born.saved.seq, words: "踩上去会翻，已围挡")
        }
        XCTAssertEqual(error, .notFound(what: "parked record"))
        try await book.close()
    }

    func testASyncTellsItsViewsOnTheWay() async throws {
        let (book, platform) = try await enrolled()
        for _ in 0..<20 { try await book.count(oneRescued) }
        let outbox = book.outboxUpdates()
        _ = try await next(of: outbox) { $0.count == 20 }
        let web = Web(platform.url)
        let report = try await book.sync(over: web)
        XCTAssertEqual(report.outcome, .complete)
        _ = try await next(of: outbox) { $0.isEmpty }
        try await book.close()
    }
}
