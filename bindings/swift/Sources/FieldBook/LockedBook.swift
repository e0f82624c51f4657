import FieldBookFFI

/// A vault whose key the phone cannot give, and that can still be written to: rescues, matters found and counts. What it takes
/// is sealed, and imported when the vault opens again.
public actor LockedBook {
    private let inner: FieldBookFFI.LockedBook

    private init(_ inner: FieldBookFFI.LockedBook) { self.inner = inner }

    /// Begins a capture for the vault in `folder`. ``FieldBookError/notFound(what:)`` when no vault was ever opened there on
    /// this phone.
    public static func open(
        folder: String, clock: (any HostClock)? = nil
    ) async throws(FieldBookError) -> LockedBook {
        LockedBook(try await Lane.short.run { try FieldBookFFI.LockedBook.open(folder: folder, clock: clock) })
    }

    /// Starts a rescue. Durable before return.
    public func startUrgent(_ draft: UrgentDraft) async throws(FieldBookError) -> BornCase {
        try await run { try $0.startUrgent(draft: draft) }
    }

    /// Records one step of a rescue. Durable before return.
    @discardableResult
    public func urgentMilestone(_ milestone: String, caseId: String) async throws(FieldBookError) -> SavedRecord {
        try await run { try $0.urgentMilestone(caseId: caseId, milestone: milestone) }
    }

    /// Reports a matter found in the field; without attachments. Durable before return.
    @discardableResult
    public func reportCase(_ draft: CaseDraft) async throws(FieldBookError) -> BornCase {
        try await run { try $0.reportCase(draft: draft) }
    }

    /// Adds a step to a counter. Durable before return.
    @discardableResult
    public func count(_ draft: CountDraft) async throws(FieldBookError) -> SavedRecord {
        try await run { try $0.count(draft: draft) }
    }

    /// Ends the capture; later calls say ``FieldBookError/closed``. Then the vault can be opened.
    public func end() async throws(FieldBookError) {
        try await run { try $0.end() }
    }

    private func run<Answer: Sendable>(
        _ call: @escaping @Sendable (FieldBookFFI.LockedBook) throws -> Answer
    ) async throws(FieldBookError) -> Answer {
        try await Lane.short.run { [inner] in try call(inner) }
    }
}
