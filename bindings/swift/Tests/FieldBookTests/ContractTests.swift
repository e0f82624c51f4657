import Foundation
import XCTest

/// Runs every case of tests/contract/cases through the public API. A line tells what came of each; results are written where
/// GRID_CONTRACT_RESULTS says.
final class ContractTests: XCTestCase {
    /// Longest time for a case, seconds.
    private static let caseSecondsMax: UInt64 = 300

    func testEveryCaseHolds() async throws {
        var results: [(name: String, fault: String?)] = []
        for told in try Self.cases() {
            let name = told["name"].asText ?? "?"
            let fault = await Self.fault(of: told)
            print(fault.map { "FAILED \(name): \($0)" } ?? "ok \(name)")
            results.append((name, fault))
        }
        try Self.write(results)
        XCTAssertFalse(results.isEmpty && Self.pattern.isEmpty, "no case was found")
        XCTAssertEqual(results.filter { $0.fault != nil }.map(\.name), [])
    }

    private static var pattern: String { ProcessInfo.processInfo.environment["GRID_CASE_PATTERN"] ?? "" }

    private static func cases() throws -> [Value] {
        let folder = try program("GRID_CASES")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        let cases = try names.sorted().flatMap { name in
            try Value.parsed(Data(contentsOf: folder.appendingPathComponent(name)))["cases"].asList ?? []
        }
        return cases.filter { pattern.isEmpty || $0["name"].asText?.contains(pattern) == true }
    }

    /// Where a case does not hold; a case that hangs is given up.
    private static func fault(of told: Value) async -> String? {
        await withCheckedContinuation { continuation in
            let once = Once(continuation)
            Task { once.resume(await played(told)) }
            Task {
                try? await Task.sleep(nanoseconds: caseSecondsMax * 1_000_000_000)
                once.resume("it did not end within \(caseSecondsMax) s")
            }
        }
    }

    private static func played(_ told: Value) async -> String? {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let scene = Scene(folder: folder)
        defer { scene.end() }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            return "no folder for it: \(error)"
        }
        for (at, step) in (told["steps"].asList ?? []).enumerated() {
            do {
                try await Step(told: step, scene: scene).run()
            } catch {
                let what = step["call"].asText ?? step["do"].asText ?? "?"
                return "step \(at + 1) (\(what)): \(error)"
            }
        }
        return nil
    }

    private static func write(_ results: [(name: String, fault: String?)]) throws {
        guard let place = ProcessInfo.processInfo.environment["GRID_CONTRACT_RESULTS"], !place.isEmpty else { return }
        let told: [[String: Any]] = results.map { ["name": $0.name, "ok": $0.fault == nil, "detail": $0.fault ?? ""] }
        let json = try JSONSerialization.data(withJSONObject: ["runner": "swift", "results": told])
        try json.write(to: URL(fileURLWithPath: place))
    }
}

/// Resumes once, whoever comes first.
private final class Once: @unchecked Sendable {
    private let lock = NSLock()
    private var continuation: CheckedContinuation<String?, Never>?

    init(_ continuation: CheckedContinuation<String?, Never>) { self.continuation = continuation }

    func resume(_ fault: String?) {
        let first = lock.withLock {
            defer { continuation = nil }
            return continuation
        }
        first?.resume(returning: fault)
    }
}
