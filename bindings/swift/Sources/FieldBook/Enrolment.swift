import FieldBookFFI

/// Enrolment: a ticket makes this vault one that the platform knows. Needs the network and may take minutes. Cancelling the task
/// or the token ends it within 100 ms as `noLink` `cancelled`; the same ticket is good for another try.
extension FieldBook {
    /// Enrols this vault with a ticket of the form `grid:<address>#code=XXXX-XXXX&ca=<sha256>`.
    public func enroll(
        ticket: String, phone: PhoneDraft, cancel: CancelToken = CancelToken()
    ) async throws(FieldBookError) -> EnrollOutcome {
        try await stopped(with: cancel) { try $0.enroll(ticket: ticket, phone: phone, cancel: cancel) }
    }

    /// Enrols this vault once more for its worker, with a new ticket: for when no receipt passes the check any more because the
    /// platform had to replace its keys at once. What was recorded stays and is sent.
    public func enrollAgain(
        ticket: String, phone: PhoneDraft, cancel: CancelToken = CancelToken()
    ) async throws(FieldBookError) -> EnrollOutcome {
        try await stopped(with: cancel) { try $0.enrollAgain(ticket: ticket, phone: phone, cancel: cancel) }
    }

    /// Enrols over the app's own carrier, which asks the address of the ticket.
    public func enroll(
        over transport: any Transport, ticket: String, phone: PhoneDraft, cancel: CancelToken = CancelToken()
    ) async throws(FieldBookError) -> EnrollOutcome {
        try await stopped(with: cancel) {
            try $0.enrollOver(transport: transport, ticket: ticket, phone: phone, cancel: cancel)
        }
    }

    /// The platform this vault is enrolled with, for an app's own carrier; none before enrolment.
    public func platform() async throws(FieldBookError) -> PlatformAddress? {
        try await look { try $0.platform() }
    }

    private func stopped(
        with cancel: CancelToken, _ call: @escaping @Sendable (Library) throws -> EnrollOutcome
    ) async throws(FieldBookError) -> EnrollOutcome {
        defer { bell.ring() }
        return try await cancellable(cancel, call)
    }
}
