import FieldBookFFI
import Foundation

/// Cases born on the phone, counters and attachments.
extension FieldBook {
    /// Reports a matter found in the field; the case is born here and needs no network. Durable before return.
    @discardableResult
    public func reportCase(_ draft: CaseDraft) async throws(FieldBookError) -> BornCase {
        try await record { try $0.reportCase(draft: draft) }
    }

    /// Starts a rescue. Waits for no photo, form, log-in or network. Durable before return.
    public func startUrgent(_ draft: UrgentDraft) async throws(FieldBookError) -> BornCase {
        try await record { try $0.startUrgent(draft: draft) }
    }

    /// Records one step of a rescue: `received`, `partner_informed`, `departed`, `on_scene`, `contact_made`, `safe` or
    /// `handed_over`. Durable before return.
    @discardableResult
    public func urgentMilestone(_ milestone: String, caseId: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.urgentMilestone(caseId: caseId, milestone: milestone) }
    }

    /// Submits a disposition report on a case born here. Durable before return.
    @discardableResult
    public func submitCase(_ draft: ReportDraft, caseId: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.submitCase(caseId: caseId, draft: draft) }
    }

    /// Cases born on this phone, the newest first.
    public func cases(limit: Int = 50) async throws(FieldBookError) -> [CaseView] {
        try await look { try $0.cases(limit: UInt32(clamping: limit)) }
    }

    /// Adds a step to a counter: one tap, exactly once. Durable before return.
    @discardableResult
    public func count(_ draft: CountDraft) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.count(draft: draft) }
    }

    /// Today's counters of this vault.
    public func tallyToday() async throws(FieldBookError) -> [TallyView] {
        try await look { try $0.tallyToday() }
    }

    /// Keeps an attachment. Durable before return; then name it in a draft.
    public func attach(_ draft: AttachmentDraft) async throws(FieldBookError) -> KeptAttachment {
        // The core's own limit, for what is too long to be handed to it.
        guard draft.content.count <= Int(Int32.max) - 1_024 else {
            throw .invalidInput(field: "content", detail: "too_many:20971520")
        }
        return try await record { try $0.attach(draft: draft) }
    }

    /// Takes up a photo that the platform would not take once more, as the worker asked.
    public func retryPhoto(sha256: String) async throws(FieldBookError) {
        try await record { try $0.retryPhoto(sha256: sha256) }
    }
}

/// Own records with their honest state, search, and how the vault stands.
extension FieldBook {
    /// Own records, the newest first, before position `before`; 0 begins with the newest.
    public func records(before: UInt64 = 0, limit: Int = 50) async throws(FieldBookError) -> [RecordView] {
        try await look { try $0.records(before: before, limit: UInt32(clamping: limit)) }
    }

    /// Records the platform sent back, the newest first.
    public func parked(limit: Int = 50) async throws(FieldBookError) -> [RecordView] {
        try await look { try $0.parked(limit: UInt32(clamping: limit)) }
    }

    /// Offers a record that was sent back once more, as it is.
    public func retry(seq: UInt64) async throws(FieldBookError) {
        try await record { try $0.retry(seq: seq) }
    }

    /// Says a record that was sent back in other words: a report, an observation, a matter found or a request for more time. A
    /// new record takes its place; the old one stays on the platform. Durable before return.
    /// ``FieldBookError/notFound(what:)`` when it was not sent back.
    @discardableResult
    public func amend(seq: UInt64, words: String) async throws(FieldBookError) -> SavedRecord {
        try await record { try $0.amend(seq: seq, words: words) }
    }

    /// A record as a file sealed to the platform, for a person to carry; changes nothing. ``FieldBookError/notFound(what:)``
    /// before enrolment.
    public func export(seq: UInt64) async throws(FieldBookError) -> Data {
        try await look { try $0.export(seq: seq) }
    }

    /// Tasks and own records that hold `text`, letters without regard to case.
    public func search(_ text: String) async throws(FieldBookError) -> Found {
        try await look { try $0.search(text: text) }
    }

    /// Every record without a receipt or sent back, the newest first, then every photo whose bytes are here only, each with one
    /// cause; at most `limit` of each.
    public func waiting(limit: Int = 200) async throws(FieldBookError) -> [WaitingView] {
        try await look { try $0.waiting(limit: UInt32(clamping: limit)) }
    }

    /// How this vault stands.
    public func status() async throws(FieldBookError) -> VaultStatus {
        try await look { try $0.status() }
    }

    /// Checks database pages, chain, lifeboat, attachment files, space, enrolment, outbox and clock. Reads only; may take
    /// seconds.
    public func selfCheck() async throws(FieldBookError) -> [Check] {
        try await look(on: .long) { try $0.selfCheck() }
    }

    /// What a support desk needs to judge this vault, without a word of what it holds, sealed to the platform.
    /// ``FieldBookError/notFound(what:)`` before enrolment.
    public func supportBundle() async throws(FieldBookError) -> Data {
        try await look(on: .long) { try $0.supportBundle() }
    }
}
