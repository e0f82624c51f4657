import FieldBook
import Foundation

/// Makes a call of the public API, by its name in the FFI surface; gives the answer as it came.
func make(_ call: String, on name: String, _ given: Arguments, in scene: Scene) async throws -> Any {
    if call == "explain" {
        return try given.fieldBookError("error").advice(locale: given.text("locale"))
    }
    guard case .object(let object) = try scene.value(name) else { throw Trouble("\(name) is no object") }
    switch object {
    case let book as FieldBook:
        if let answered = try await opening(call, book) { return answered }
        for group in [tasks, patrols, cases, views] {
            if let answered = try await group(call, book, given) { return answered }
        }
        if let answered = try await syncs(call, book, given, scene) { return answered }
    case let book as LockedBook:
        if let answered = try await locked(call, book, given) { return answered }
    case let running as SyncSession:
        if let answered = try await session(call, running, given) { return answered }
    case let token as CancelToken:
        if call == "cancel" { return token.cancel() }
        if call == "is_cancelled" { return token.isCancelled() }
    case let kept as KeptAttachment:
        if call == "sha256" { return kept.sha256() }
    default: break
    }
    throw Trouble("the runner knows no call \(call) on \(name)")
}

private func opening(_ call: String, _ book: FieldBook) async throws -> Any? {
    switch call {
    case "close": try await book.close()
    case "reopen": try await book.reopen()
    case "suspend": try await book.suspend()
    case "flush_fixes": try await book.flushFixes()
    default: nil
    }
}

private func tasks(_ call: String, _ book: FieldBook, _ given: Arguments) async throws -> Any? {
    switch call {
    case "tasks": try await book.tasks(openOnly: given.bool("open_only", else: true), limit: given.number("limit"))
    case "task": try await book.task(given.text("task"))
    case "accept": try await book.accept(task: given.text("task"))
    case "arrive": try await book.arrive(task: given.text("task"), position: given.position())
    case "submit": try await book.submit(given.record("draft").reportDraft(), task: given.text("task"))
    case "request_extension":
        try await book.requestExtension(
            task: given.text("task"), wantedDueMs: given.number("wanted_due_ms"), reason: given.text("reason"))
    case "posts": try await book.posts()
    default: nil
    }
}

private func patrols(_ call: String, _ book: FieldBook, _ given: Arguments) async throws -> Any? {
    switch call {
    case "start_patrol": try await book.startPatrol(given.record("draft").patrolDraft())
    case "record_fix": try await book.recordFix(given.record("draft").fixDraft(), patrol: given.text("patrol"))
    case "visit": try await book.visit(given.record("draft").visitDraft(), patrol: given.text("patrol"))
    case "observe": try await book.observe(given.record("draft").observationDraft(), patrol: given.text("patrol"))
    case "pause_patrol": try await book.pausePatrol(given.text("patrol"))
    case "resume_patrol": try await book.resumePatrol(given.text("patrol"))
    case "end_patrol": try await book.endPatrol(given.text("patrol"))
    case "patrol": try await book.patrol(given.text("patrol"))
    case "patrols": try await book.patrols(limit: given.number("limit"))
    default: nil
    }
}

private func cases(_ call: String, _ book: FieldBook, _ given: Arguments) async throws -> Any? {
    switch call {
    case "report_case": try await book.reportCase(given.record("draft").caseDraft())
    case "start_urgent": try await book.startUrgent(given.record("draft").urgentDraft())
    case "urgent_milestone": try await book.urgentMilestone(given.text("milestone"), caseId: given.text("case_id"))
    case "submit_case": try await book.submitCase(given.record("draft").reportDraft(), caseId: given.text("case_id"))
    case "cases": try await book.cases(limit: given.number("limit"))
    case "count": try await book.count(given.record("draft").countDraft())
    case "tally_today": try await book.tallyToday()
    case "attach": try await book.attach(given.record("draft").attachmentDraft())
    case "retry_photo": try await book.retryPhoto(sha256: given.text("sha256"))
    default: nil
    }
}

private func views(_ call: String, _ book: FieldBook, _ given: Arguments) async throws -> Any? {
    switch call {
    case "records": try await book.records(before: given.number("before"), limit: given.number("limit"))
    case "parked": try await book.parked(limit: given.number("limit"))
    case "retry": try await book.retry(seq: given.number("seq"))
    case "amend": try await book.amend(seq: given.number("seq"), words: given.text("words"))
    case "export": try await book.export(seq: given.number("seq"))
    case "search": try await book.search(given.text("text"))
    case "waiting": try await book.waiting(limit: given.number("limit"))
    case "status": try await book.status()
    case "self_check": try await book.selfCheck()
    case "support_bundle": try await book.supportBundle()
    default: nil
    }
}

private func syncs(_ call: String, _ book: FieldBook, _ given: Arguments, _ scene: Scene) async throws -> Any? {
    switch call {
    case "enroll":
        return try await book.enroll(
            ticket: given.text("ticket"), phone: given.record("phone").phoneDraft(), cancel: given.token())
    case "enroll_again":
        return try await book.enrollAgain(
            ticket: given.text("ticket"), phone: given.record("phone").phoneDraft(), cancel: given.token())
    case "enroll_over":
        return try await book.enroll(
            over: transport(given, scene), ticket: given.text("ticket"), phone: given.record("phone").phoneDraft(),
            cancel: given.token())
    case "platform": return try await book.platform() as Any
    case "plan_sync": return try await book.planSync(given.record("budget").budget())
    case "network_changed": return try await book.networkChanged(given.network("network")) as Any
    case "begin_sync": return try await book.beginSync(given.record("budget").budget())
    case "sync":
        return try await book.sync(
            given.record("budget").budget(), cancel: given.object("cancel"), progress: progress(given, scene))
    case "sync_over":
        return try await book.sync(
            over: transport(given, scene), given.record("budget").budget(), cancel: given.object("cancel"),
            progress: progress(given, scene))
    default: return nil
    }
}

private func locked(_ call: String, _ book: LockedBook, _ given: Arguments) async throws -> Any? {
    switch call {
    case "start_urgent": try await book.startUrgent(given.record("draft").urgentDraft())
    case "urgent_milestone": try await book.urgentMilestone(given.text("milestone"), caseId: given.text("case_id"))
    case "report_case": try await book.reportCase(given.record("draft").caseDraft())
    case "count": try await book.count(given.record("draft").countDraft())
    case "end": try await book.end()
    default: nil
    }
}

private func session(_ call: String, _ running: SyncSession, _ given: Arguments) async throws -> Any? {
    switch call {
    case "next_request": await running.nextRequest() as Any
    case "answer": try running.answer(given.record("answer").httpAnswer())
    case "no_answer": try running.noAnswer(given.linkProblem("problem"))
    case "cancel": running.cancel()
    case "report": try running.report()
    default: nil
    }
}

private func transport(_ given: Arguments, _ scene: Scene) throws -> any Transport {
    let told = try given.record("transport")
    if let platform = try told.textIf("http") {
        return Web(try scene.object(platform, Platform.self).url)
    }
    let seen = scene.script()
    if let name = try told.textIf("as") { scene.see(name, seen) }
    return try FakeTransport(try told.listIf("script"), seen, scene.caseEnds, scene.bookInReach)
}

private func progress(_ given: Arguments, _ scene: Scene) throws -> (any ProgressListener)? {
    guard let told = try given.recordIf("progress") else { return nil }
    let seen = Seen()
    if let name = try told.textIf("as") { scene.see(name, seen) }
    return try FakeProgress(.record(told.fields), seen, scene.bookInReach)
}
