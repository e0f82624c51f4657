// What a call through Swift costs beside the same call from Rust, in turns: `bench FOLDER` opens the vault `theirs` there, Rust
// the one that GRID_BENCH_PEER names. Prints one line of JSON, and adds 2,000 counts to both.
import FieldBook
import Foundation
import PlainKeys

/// The same calls from Rust in this process: tests/bench-peer. Times are microseconds.
struct Peer {
    typealias Plain = @convention(c) () -> Double
    typealias Timed = @convention(c) (UInt32) -> Double

    private let library: UnsafeMutableRawPointer

    init() {
        guard let library = dlopen("libgrid_bench_peer.so", RTLD_NOW) else { fatalError(String(cString: dlerror())) }
        self.library = library
    }

    func plain(_ name: String) {
        guard unsafeBitCast(dlsym(library, name), to: Plain.self)() == 0 else { fatalError("\(name) failed") }
    }

    func timed(_ name: String, _ times: UInt32) -> Double {
        let taken = unsafeBitCast(dlsym(library, name), to: Timed.self)(times)
        guard taken > 0 else { fatalError("\(name) failed") }
        return taken
    }
}

func micros(_ spent: Duration) -> Double {
    Double(spent.components.seconds) * 1e6 + Double(spent.components.attoseconds) / 1e12
}

func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// The median of `times` runs. One for calls that are not awaited: an awaited closure changes its thread.
func median(_ times: Int, _ run: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    return middle(try (0..<times).map { _ in micros(try clock.measure { try run() }) })
}

func measure(_ book: FieldBook, beside peer: Peer) async throws -> [(String, Double)] {
    let clock = ContinuousClock()
    var taken: [String: [Double]] = [:]
    for turn in 0..<52 {
        let rust = peer.timed("grid_peer_status", 100)
        let ours = try median(100) { _ = try book.inner.status() }
        let elsewhere = peer.timed("grid_peer_status_elsewhere", 100)
        var asked: [Double] = []
        for _ in 0..<100 {
            let begun = clock.now
            _ = try await book.status()
            asked.append(micros(clock.now - begun))
        }
        // The first two are for the processor to get warm.
        guard turn > 1 else { continue }
        taken["status_us", default: []].append(ours)
        taken["rust_status_us", default: []].append(rust)
        taken["elsewhere_us", default: []].append(middle(asked))
        taken["rust_elsewhere_us", default: []].append(elsewhere)
    }
    for _ in 0..<20 {
        taken["rust_tasks_us", default: []].append(peer.timed("grid_peer_tasks", 10))
        taken["tasks_us", default: []].append(try median(10) { _ = try book.inner.tasks(openOnly: true, limit: 50) })
        taken["rust_tasks_elsewhere_us", default: []].append(peer.timed("grid_peer_tasks_elsewhere", 10))
        var asked: [Double] = []
        for _ in 0..<10 {
            let begun = clock.now
            _ = try await book.tasks(openOnly: true, limit: 50)
            asked.append(micros(clock.now - begun))
        }
        taken["tasks_elsewhere_us", default: []].append(middle(asked))
    }
    var counts = (rust: 0.0, ours: 0.0)
    for turn in 0..<200 {
        // The first half is for the files of both vaults to have the size at which they are written over.
        if turn == 100 { counts = (0, 0) }
        counts.rust += peer.timed("grid_peer_counts", 10)
        let begun = clock.now
        for _ in 0..<10 { try await book.count(CountDraft(kind: "rescued", value: 1, post: "DL-01")) }
        counts.ours += micros(clock.now - begun)
    }
    taken["rust_count_us"] = [counts.rust / 1_000]
    taken["count_us"] = [counts.ours / 1_000]
    return taken.map { ($0.key, middle($0.value)) }
}

guard CommandLine.arguments.count == 2 else {
    FileHandle.standardError.write(Data("bench FOLDER: vaults that were prepared\n".utf8))
    exit(2)
}
let folder = CommandLine.arguments[1]
let peer = Peer()
peer.plain("grid_peer_open")
let book = try await FieldBook.open(folder: folder + "/theirs", keyVault: PlainKeys())
let figures = try await measure(book, beside: peer)
try await book.close()
peer.plain("grid_peer_close")
print("{" + figures.map { "\"\($0.0)\": \(String(format: "%.3f", $0.1))" }.joined(separator: ", ") + "}")
