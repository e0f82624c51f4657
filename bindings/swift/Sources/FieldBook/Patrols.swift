import FieldBookFFI

/// Patrols: start, fixes, visits, observations, pause, end.
extension FieldBook {
    /// Starts a patrol. Durable before return.
    public func startPatrol(_ draft: PatrolDraft) async throws(FieldBookError) -> StartedPatrol {
        try await record { try $0.startPatrol(draft: draft) }
    }

    /// Records one fix of a running patrol. Durable within 15 seconds; it survives a killed process at once.
    @discardableResult
    public func recordFix(_ draft: FixDraft, patrol: String) async throws(FieldBookError) -> FixOutcome {
        try await record { try $0.recordFix(patrol: patrol, draft: draft) }
    }

    /// Records a checkpoint visit. Durable before return.
    @discardableResult
    public func visit(_ draft: VisitDraft, patrol: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.visit(patrol: patrol, draft: draft) }
    }

    /// Records something seen. Durable before return.
    @discardableResult
    public func observe(_ draft: ObservationDraft, patrol: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.observe(patrol: patrol, draft: draft) }
    }

    /// Pauses a patrol. Durable before return.
    @discardableResult
    public func pausePatrol(_ patrol: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.pausePatrol(patrol: patrol) }
    }

    /// Takes a paused patrol up again. Durable before return.
    @discardableResult
    public func resumePatrol(_ patrol: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.resumePatrol(patrol: patrol) }
    }

    /// Ends a patrol. Durable before return.
    @discardableResult
    public func endPatrol(_ patrol: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.endPatrol(patrol: patrol) }
    }

    /// One patrol.
    public func patrol(_ patrol: String) async throws(FieldBookError) -> PatrolView {
        try await look { try $0.patrol(patrol: patrol) }
    }

    /// Patrols of this vault, the newest first.
    public func patrols(limit: Int = 50) async throws(FieldBookError) -> [PatrolView] {
        try await look { try $0.patrols(limit: UInt32(clamping: limit)) }
    }
}
