import FieldBook
import Foundation
import PlainKeys

import enum FieldBookFFI.FieldError

/// A list that any thread may add to.
final class Seen: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [String] = []

    func add(_ what: String) { lock.withLock { list.append(what) } }

    var all: [String] { lock.withLock { list } }
}

/// The field book that a callback may call, on the very thread it is called on: there is no waiting in a callback.
typealias BookInReach = @Sendable () -> FieldBook?

private struct Whim: Error {}

/// What came of a call within a callback: `ok`, or the error's name.
private func seenWithin(_ book: FieldBook, _ call: (FieldBook.Library) throws -> Void) -> String {
    do {
        try call(book.inner)
        return "ok"
    } catch let error as FieldError {
        return called(error)
    } catch {
        return "something else"
    }
}

private func called(_ error: FieldError) -> String {
    let value = Value.of(error)
    guard let kind = value.asText ?? value.asRecord?.keys.first else { return "" }
    return [kind, value[kind]["obstacle"].asText].compactMap { $0 }.joined(separator: " ")
}

private func countOnce(_ book: FieldBook.Library) throws {
    _ = try book.count(draft: CountDraft(kind: "rescued", value: 1, post: "DL-01"))
}

final class FakeKeys: KeyVault {
    let seen = Seen()
    private let kind: String
    private let plain = PlainKeys()
    private let book: BookInReach

    init(_ kind: String, _ book: @escaping BookInReach) throws {
        guard ["plain", "locked", "lost", "throws", "other", "short", "calls_book"].contains(kind) else {
            throw Trouble("there are no keys \(kind)")
        }
        self.kind = kind
        self.book = book
    }

    func wrap(key: Data) throws -> Data {
        try refuse()
        return try plain.wrap(key: key)
    }

    func unwrap(wrapped: Data) throws -> Data {
        try refuse()
        switch kind {
        case "other": return Data(count: 32)
        case "short": return Data("too short".utf8)
        case "calls_book":
            if let book = book() { seen.add(seenWithin(book, countOnce)) }
            return try plain.unwrap(wrapped: wrapped)
        default: return try plain.unwrap(wrapped: wrapped)
        }
    }

    private func refuse() throws {
        switch kind {
        case "locked": throw HostError.Locked
        case "lost": throw HostError.Lost
        case "throws": throw Trouble("王五 13800000000")
        default: break
        }
    }
}

final class FakeClock: HostClock, @unchecked Sendable {
    let seen = Seen()
    private let reading: ClockReading
    private let kind: String
    private let book: BookInReach
    private let lock = NSLock()
    private var isAsking = false

    init(_ told: Value, _ book: @escaping BookInReach) throws {
        kind = told.asText ?? "fixed"
        guard ["fixed", "throws", "calls_book"].contains(kind) else { throw Trouble("there is no clock \(kind)") }
        reading =
            told.asRecord == nil
            ? ClockReading(wallMs: 1_767_571_200_000, monoMs: 1_000, boot: 7) : try Arguments(told).clockReading()
        self.book = book
    }

    func now() throws -> ClockReading {
        if kind == "throws" { throw Whim() }
        if kind == "calls_book", let book = book(), begins() {
            seen.add(seenWithin(book) { _ = try $0.status() })
            seen.add(seenWithin(book, countOnce))
            lock.withLock { isAsking = false }
        }
        return reading
    }

    /// Its own calls ask it again; then it only says its time.
    private func begins() -> Bool {
        lock.withLock {
            defer { isAsking = true }
            return !isAsking
        }
    }
}

final class FakeProgress: ProgressListener {
    let seen: Seen
    private let then: String
    private let book: BookInReach

    init(_ told: Value, _ seen: Seen, _ book: @escaping BookInReach) throws {
        then = told["then"].asText ?? "nothing"
        guard ["look", "count", "sync", "throw", "nothing"].contains(then) else {
            throw Trouble("a progress listener cannot \(then)")
        }
        self.seen = seen
        self.book = book
    }

    func onProgress(progress: SyncProgress) throws {
        guard let book = book() else { return }
        switch then {
        case "look": seen.add(seenWithin(book) { _ = try $0.status() })
        case "count": seen.add(seenWithin(book, countOnce))
        case "sync":
            var outcome = "nothing"
            let error = seenWithin(book) { book in
                outcome = Value.of(try book.sync(budget: Budget(), cancel: CancelToken()).outcome).asText ?? "another outcome"
            }
            seen.add(error == "ok" ? outcome : error)
        case "throw":
            seen.add("throw")
            throw Whim()
        default: seen.add("ok")
        }
    }
}

final class FakeLog: Log, @unchecked Sendable {
    let seen = Seen()
    private let then: String
    private let caseEnds: Gate

    init(_ then: String, _ caseEnds: Gate) throws {
        guard ["keep", "throw", "block"].contains(then) else { throw Trouble("a log cannot \(then)") }
        self.then = then
        self.caseEnds = caseEnds
    }

    func log(line: LogLine) throws {
        seen.add(line.part)
        if then == "throw" { throw Whim() }
        if then == "block" { caseEnds.wait() }
    }
}

/// Closed until it is opened; then it stays open.
final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = false

    func open() {
        condition.lock()
        isOpen = true
        condition.broadcast()
        condition.unlock()
    }

    func wait() {
        condition.lock()
        while !isOpen { condition.wait() }
        condition.unlock()
    }
}

/// Answers one item of a script after the other, the last one again and again.
final class FakeTransport: Transport, @unchecked Sendable {
    let seen: Seen
    private let lock = NSLock()
    private var script: [Value]
    private let book: BookInReach
    private let caseEnds: Gate

    init(_ script: [Value], _ seen: Seen, _ caseEnds: Gate, _ book: @escaping BookInReach) throws {
        guard !script.isEmpty else { throw Trouble("a scripted transport needs a script") }
        self.script = script
        self.seen = seen
        self.caseEnds = caseEnds
        self.book = book
    }

    func send(request: HttpRequest, cancel: CancelToken) throws -> HttpAnswer {
        seen.add("\(Value.of(request.method).asText ?? "") \(request.path)")
        let item = lock.withLock { script.count > 1 ? script.removeFirst() : script[0] }
        let told = Arguments(item)
        if item["no_link"].asText != nil { throw TransportError.NoLink(problem: try told.linkProblem("no_link")) }
        if let detail = item["failed"].asText { throw TransportError.Failed(detail: detail) }
        if item["throws"].asBool == true { throw Whim() }
        if item["blocks"].asBool == true {
            caseEnds.wait()
            throw TransportError.Failed(detail: "the case has ended")
        }
        if item["count"].asBool == true {
            if let book = book() { seen.add(seenWithin(book, countOnce)) }
            return HttpAnswer(status: 503, headers: [], body: Data())
        }
        return try told.httpAnswer()
    }

    func authority() throws -> Data? { nil }
}
