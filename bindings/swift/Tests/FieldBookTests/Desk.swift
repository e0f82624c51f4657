import FieldBook
import Foundation
import XCTest

@testable import FieldBook

/// A folder of one test, gone with it.
final class Desk {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let testEnds = Gate()

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit {
        testEnds.open()
        try? FileManager.default.removeItem(at: folder)
    }

    var vault: URL { folder.appendingPathComponent("vault") }

    /// A copy of the prepared vault, which is enrolled and has unsent records; or of the prepared platform.
    func copy(_ name: String, as other: String? = nil) throws -> URL {
        let here = folder.appendingPathComponent(other ?? name)
        try FileManager.default.copyItem(at: program("GRID_CONTRACT_PREPARED").appendingPathComponent(name), to: here)
        return here
    }

    func carrier(_ script: [Value], _ seen: Seen = Seen()) throws -> FakeTransport {
        try FakeTransport(script, seen, testEnds) { nil }
    }

    var blocking: Value { .record(["blocks": .bool(true)]) }
}

let oneRescued = CountDraft(kind: "rescued", value: 1, post: "DL-01")
let thisPhone = PhoneDraft(
    phone: "00000000-0000-4000-8000-000000000001", label: "一号机", platform: "linux", appVersion: "0.1.0")

/// The next value of a stream that holds; fails when there is none within 30 seconds or before the stream ends.
func next<View: Sendable>(
    of stream: AsyncStream<View>, where holds: @escaping @Sendable (View) -> Bool = { _ in true }
) async throws -> View {
    try await withThrowingTaskGroup(of: View.self) { group in
        group.addTask {
            for await view in stream where holds(view) { return view }
            throw Trouble("the stream ended")
        }
        group.addTask {
            try await Task.sleep(nanoseconds: 30_000_000_000)
            throw Trouble("nothing like it came within 30 s")
        }
        defer { group.cancelAll() }
        guard let view = try await group.next() else { throw Trouble("nothing came") }
        return view
    }
}

/// Waits until something holds; fails after 30 seconds.
func until(_ what: String, _ holds: () -> Bool) async throws {
    let begun = Date()
    while !holds() {
        guard Date().timeIntervalSince(begun) < 30 else { throw Trouble("\(what): not within 30 s") }
        try await Task.sleep(nanoseconds: 2_000_000)
    }
}

/// The error that a call throws.
func thrown(by call: () async throws(FieldBookError) -> Void) async -> FieldBookError? {
    do throws(FieldBookError) {
        try await call()
        return nil
    } catch {
        return error
    }
}

/// As XCTAssertEqual, for what has to be awaited.
func equal<Answer: Equatable>(_ left: Answer, _ right: Answer, file: StaticString = #filePath, line: UInt = #line) {
    XCTAssertEqual(left, right, file: file, line: line)
}
