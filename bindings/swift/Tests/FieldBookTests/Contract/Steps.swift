import FieldBook
import Foundation

@testable import FieldBook

/// A step that runs beside the others.
final class Background: Sendable {
    let ended: Task<Value, any Error>

    init(_ ended: Task<Value, any Error>) { self.ended = ended }
}

/// One step of a case. A call's error is an expectation like its answer.
struct Step: Sendable {
    let told: Value
    let scene: Scene

    func run() async throws {
        if told["call"].asText != nil {
            try await expect { try await call() }
        } else {
            try await act(told["do"].asText ?? "")
        }
    }

    /// Makes the call; its answer is saved.
    func call() async throws -> Value {
        let given = try Arguments(resolved("args"))
        let answer = try await make(text("call"), on: told["on"].asText ?? "book", given, in: scene)
        let value = Self.kept(answer)
        scene.save(told["save"].asText, value)
        return value
    }

    private static func kept(_ answer: Any) -> Value {
        switch answer {
        case let object as KeptAttachment: .object(object)
        case let object as SyncSession: .object(object)
        default: .of(answer)
        }
    }

    /// Runs what may throw, and compares its answer or its error.
    func expect(_ run: () async throws -> Value) async throws {
        let answer: Value
        do {
            answer = try await run()
        } catch let error as FieldBookError {
            try judge(error)
            return
        }
        guard told["error"].isNone else { throw Trouble("it returned \(answer) and did not throw \(told["error"])") }
        if told.asRecord?["expect"] != nil { try compare(answer) }
    }

    func compare(_ answer: Value) throws {
        if let fault = mismatch(answer, try resolved("expect")) { throw Trouble(fault) }
    }

    private func judge(_ error: FieldBookError) throws {
        let kind = Value.of(error)
        guard !told["error"].isNone else { throw Trouble("it threw \(kind)") }
        if let fault = mismatch(kind, try resolved("error"), at: "error") { throw Trouble(fault) }
        let advice = ["en", "zh-CN"].map(error.advice).flatMap { [$0.happened, $0.next] }
        for text in [error.description, error.localizedDescription] + advice {
            if let fault = unfit(text) { throw Trouble("the error's text \(fault): \(text)") }
        }
    }

    private func unfit(_ text: String) -> String? {
        if text.trimmingCharacters(in: .whitespaces).isEmpty { return "is empty" }
        let generated = ["uniffi", "FieldException", "FieldError", "grid_ffi", "FfiConverter", "FieldBookFFI", "kotlin.", "0x"]
        return generated.first { text.lowercased().contains($0.lowercased()) }.map { "holds \($0)" }
    }

    func text(_ field: String) throws -> String {
        guard let text = told[field].asText else { throw Trouble("the step has no \(field)") }
        return text
    }

    func resolved(_ field: String) throws -> Value { try told[field].resolved(scene.value) }

    private func number(_ field: String) throws -> Int {
        guard let number = told[field].asInt else { throw Trouble("the step has no \(field)") }
        return number
    }

    private var inner: Step { Step(told: told["step"], scene: scene) }

    // MARK: What the runner does

    private func act(_ what: String) async throws {
        switch what {
        case "open", "open_locked", "recover": try await open(what)
        case "let_go":
            guard scene.forget(try text("of")) else { throw Trouble("there is nothing to let go of") }
        case "new_token": scene.save(try text("as"), .object(CancelToken()))
        case "set_log": try setLog()
        case "platform", "ask", "prepared_vault", "prepared_state": try place(what)
        case "write_file", "move_file", "digest", "exists", "newer_schema", "small_disk", "fill_disk", "free_disk", "open_files":
            try files(what)
        case "child_open", "kill_child": try child(what)
        case "threads", "repeat", "until_error": try await again(what)
        case "background", "join", "cancel_within_ms": try await beside(what)
        case "carry": try await carry()
        case "compare":
            if let fault = mismatch(try resolved("left"), try resolved("right")) { throw Trouble(fault) }
        case "seen": try compare(.list(scene.seen(text("of")).all.map(Value.text)))
        default: throw Trouble("the runner knows no step \(what)")
        }
    }

    private func open(_ what: String) async throws {
        let folder = try resolved("folder").asText ?? scene.vault(told["vault"].asText ?? "vault").path
        let keys = try FakeKeys(told["keys"].asText ?? "plain", scene.bookInReach)
        let clock = told["clock"].isNone ? nil : try FakeClock(resolved("clock"), scene.bookInReach)
        scene.see("keys", keys.seen)
        if let clock { scene.see("clock", clock.seen) }
        let name = told["as"].asText ?? "book"
        try await expect {
            switch what {
            case "open":
                let book = try await FieldBook.open(folder: folder, keyVault: keys, clock: clock)
                scene.save(name, .object(book))
            case "open_locked": scene.save(name, .object(try await LockedBook.open(folder: folder, clock: clock)))
            default: return .of(try await FieldBook.recover(folder: folder, keyVault: keys, clock: clock))
            }
            return .none
        }
    }

    private func setLog() throws {
        guard let then = told["then"].asText else { return try FieldBook.setLog(nil) }
        let log = try FakeLog(then, scene.caseEnds)
        scene.see("log", log.seen)
        try FieldBook.setLog(log)
    }

    private func again(_ what: String) async throws {
        let times = try number(what == "until_error" ? "at_most" : "times")
        switch what {
        case "repeat":
            for _ in 0..<times { try await inner.run() }
        case "threads":
            // Each call on a thread of its own, all at once.
            try await Lane.$forced.withValue(.long) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<times { group.addTask { try await inner.run() } }
                    try await group.waitForAll()
                }
            }
        default:
            for passed in 0..<times {
                do { _ = try await inner.call() } catch let error as FieldBookError {
                    scene.save(told["save"].asText, .whole(Int64(passed)))
                    return try judge(error)
                }
            }
            throw Trouble("it did not throw in \(times) times")
        }
    }

    private func beside(_ what: String) async throws {
        if what == "background" {
            let before = scene.asked
            let ended = Task { [inner] in try await inner.call() }
            scene.save(try text("as"), .object(Background(ended)))
            guard told["until_asked"].asBool == true else { return }
            try await within(60) { scene.asked > before }
            return
        }
        let ended = try scene.object(text("of"), Background.self).ended
        let begun = Date()
        if what == "cancel_within_ms" { try scene.object(text("token"), CancelToken.self).cancel() }
        try await expect { try await ended.value }
        let took = Date().timeIntervalSince(begun) * 1_000
        let most = what == "join" ? 60_000 : try number("ms")
        guard took <= Double(most) else { throw Trouble("it took \(Int(took)) ms, more than \(most)") }
    }

    private func within(_ seconds: Double, _ holds: () -> Bool) async throws {
        let begun = Date()
        while !holds() {
            guard Date().timeIntervalSince(begun) < seconds else { throw Trouble("no scripted transport was asked") }
            try await Task.sleep(nanoseconds: 5_000_000)
        }
    }

    private func carry() async throws {
        let session = try scene.object(text("of"), SyncSession.self)
        let web = Web(try scene.object(text("to"), Platform.self).url)
        while let request = await session.nextRequest() {
            switch try await Lane.long.run({ web.carry(request) }) {
            case .success(let answer): try session.answer(answer)
            case .failure(let failed): try session.noAnswer(failed.problem)
            }
        }
    }
}
