// What a call costs: one line of JSON. `bench FOLDER` opens the vault in FOLDER, which somebody else prepared, and records a
// thousand counts into it.
import FieldBook
import Foundation
import PlainKeys

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// How long each of `times` runs took, in seconds.
func timed(_ times: Int, _ run: () async throws -> Void) async throws -> [Double] {
    let clock = ContinuousClock()
    var took: [Double] = []
    for _ in 0..<times {
        let spent = try await clock.measure { try await run() }
        took.append(Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18)
    }
    return took
}

guard CommandLine.arguments.count == 2 else {
    FileHandle.standardError.write(Data("bench FOLDER: a vault that was prepared\n".utf8))
    exit(2)
}
let counts = 1_000
let book = try await FieldBook.open(folder: CommandLine.arguments[1], keyVault: PlainKeys())
_ = try await timed(200) { _ = try await book.status() }
let direct = try await timed(5_000) { _ = try book.inner.status() }
let status = try await timed(5_000) { _ = try await book.status() }
let tasks = try await timed(200) { _ = try await book.tasks(openOnly: true, limit: 50) }
let counted = try await timed(counts) {
    try await book.count(CountDraft(kind: "rescued", value: 1, post: "DL-01"))
}
let found = try await book.tasks(openOnly: true, limit: 50).count
try await book.close()

let figures: [(String, String)] = [
    ("status_us", String(format: "%.1f", median(direct) * 1e6)),
    ("status_async_us", String(format: "%.1f", median(status) * 1e6)),
    ("tasks_ms", String(format: "%.3f", median(tasks) * 1e3)),
    ("tasks_found", String(found)),
    ("counts_per_second", String(format: "%.0f", Double(counts) / counted.reduce(0, +))),
]
print("{" + figures.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}")
