import FieldBook
import PlainKeys
import XCTest

final class ReadmeTests: XCTestCase {
    func testTheSnippetRunsWithoutALinkAndWithOne() async throws {
        let desk = try Desk()
        let platform = try Platform(folder: desk.folder.appendingPathComponent("platform"))
        defer { platform.stop() }
        try await enrol(desk, platform)
        let jpeg = Data((0..<9_000).map { UInt8($0 % 251) })

        _ = try platform.ask("down")
        let without = try await reportWithAPhoto(folder: desk.vault, keys: PlainKeys(), jpeg: jpeg)
        guard case .noLink = without.outcome else { return XCTFail("\(without.outcome)") }
        XCTAssertEqual(without.received, 0)

        _ = try platform.ask("up")
        let with = try await reportWithAPhoto(folder: desk.vault, keys: PlainKeys(), jpeg: jpeg)
        XCTAssertEqual(with.outcome, .complete)
        XCTAssertEqual(with.received, 2)
        XCTAssertEqual(with.photosDone, 1)
    }

    /// A vault that the platform knows, with one task.
    private func enrol(_ desk: Desk, _ platform: Platform) async throws {
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let ticket = try platform.ask("ticket")["ticket"].asText ?? ""
        let outcome = try await book.enroll(ticket: ticket, phone: thisPhone)
        XCTAssertEqual(outcome, .enrolled)
        _ = try platform.ask("task", ["no": .text("DL-2026-000778"), "title": .text("清理楼道杂物")])
        let report = try await book.sync()
        XCTAssertEqual(report.outcome, .complete)
        try await book.close()
    }
}
