import FieldBookFFI

/// Tasks: list, accept, arrive, submit. All of it works with no network.
extension FieldBook {
    /// Tasks by due time; open ones only, or all that are on this phone.
    public func tasks(openOnly: Bool = true, limit: Int = 200) async throws(FieldBookError) -> [TaskView] {
        try await look { try $0.tasks(openOnly: openOnly, limit: UInt32(clamping: limit)) }
    }

    /// One task.
    public func task(_ task: String) async throws(FieldBookError) -> TaskView {
        try await look { try $0.task(task: task) }
    }

    /// Accepts a task (签收). Durable before return.
    @discardableResult
    public func accept(task: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.accept(task: task) }
    }

    /// Records that the holder is on the scene (到场); implies accepting. Durable before return.
    @discardableResult
    public func arrive(task: String, position: Position? = nil) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.arrive(task: task, position: position) }
    }

    /// Submits a disposition report (处置反馈); implies arriving. A second one before review amends the first. Durable before
    /// return.
    @discardableResult
    public func submit(_ draft: ReportDraft, task: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.submit(task: task, draft: draft) }
    }

    /// Asks for more time (申请延期), by the due time at the latest. A newer request takes the place of one that waits. Durable
    /// before return.
    @discardableResult
    public func requestExtension(
        task: String, wantedDueMs: Int64, reason: String
    ) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.requestExtension(task: task, wantedDueMs: wantedDueMs, reason: reason) }
    }

    /// The posts and checkpoints this phone knows, by code.
    public func posts() async throws(FieldBookError) -> [PostView] {
        try await look { try $0.posts() }
    }
}
