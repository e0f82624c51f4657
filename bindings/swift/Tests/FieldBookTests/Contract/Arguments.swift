import FieldBook
import Foundation

/// The arguments of a call, by name.
struct Arguments {
    let fields: [String: Value]

    init(_ value: Value) { fields = value.asRecord ?? [:] }

    private func want<Answer>(_ name: String, _ kind: String, _ read: (Value) -> Answer?) throws -> Answer {
        guard let answer = read(fields[name] ?? .none) else {
            throw Trouble("\(name) is \(fields[name] ?? .none), not \(kind)")
        }
        return answer
    }

    private func ifGiven<Answer>(_ name: String, _ read: (String) throws -> Answer) rethrows -> Answer? {
        (fields[name] ?? .none).isNone ? nil : try read(name)
    }

    func text(_ name: String) throws -> String { try want(name, "a text", \.asText) }

    func textIf(_ name: String) throws -> String? { try ifGiven(name, text) }

    func bool(_ name: String, else fallback: Bool) throws -> Bool {
        try ifGiven(name) { try want($0, "true or false", \.asBool) } ?? fallback
    }

    func number<Number: FixedWidthInteger>(_ name: String) throws -> Number {
        try want(name, "such a number") { value in
            switch value {
            case .whole(let number): Number(exactly: number)
            case .large(let number): Number(exactly: number)
            default: nil
            }
        }
    }

    func numberIf<Number: FixedWidthInteger>(_ name: String) throws -> Number? { try ifGiven(name) { try number($0) } }

    func bytes(_ name: String) throws -> Data {
        try want(name, "bytes") { if case .bytes(let bytes) = $0 { bytes } else { nil } }
    }

    func object<Object>(_ name: String, _ type: Object.Type = Object.self) throws -> Object {
        try want(name, "a saved object") { if case .object(let object) = $0 { object as? Object } else { nil } }
    }

    /// The token that is given; else one that nobody cancels.
    func token() throws -> CancelToken { try ifGiven("cancel") { try object($0) } ?? CancelToken() }

    func objects<Object>(_ name: String, _ type: Object.Type = Object.self) throws -> [Object] {
        try ifGiven(name) { name in
            try want(name, "a list of saved objects") { value in
                value.asList?.compactMap { if case .object(let object) = $0 { object as? Object } else { nil } }
            }
        } ?? []
    }

    func record(_ name: String) throws -> Arguments { Arguments(.record(try want(name, "an object", \.asRecord))) }

    func recordIf(_ name: String) throws -> Arguments? { try ifGiven(name, record) }

    func listIf(_ name: String) throws -> [Value] { try ifGiven(name) { try want($0, "a list", \.asList) } ?? [] }

    func texts(_ name: String) throws -> [String] { try listIf(name).compactMap(\.asText) }

    /// The value of an enum without data, from its name in Pascal case.
    func term<Term: Sendable>(_ name: String, of all: [Term]) throws -> Term {
        let wanted = try text(name)
        guard let term = all.first(where: { Value.of($0).asText == wanted }) else {
            throw Trouble("\(name) has no \(wanted)")
        }
        return term
    }
}

// MARK: Drafts

extension Arguments {
    func position() throws -> Position? {
        try recordIf("position").map {
            Position(latE7: try $0.number("lat_e7"), lonE7: try $0.number("lon_e7"), accuracyDm: try $0.numberIf("accuracy_dm"))
        }
    }

    func countDraft() throws -> CountDraft {
        CountDraft(
            kind: try text("kind"), value: try number("value"), post: try text("post"), patrol: try textIf("patrol"),
            reason: try textIf("reason"))
    }

    func patrolDraft() throws -> PatrolDraft {
        PatrolDraft(
            patrolType: try text("patrol_type"), transport: try text("transport"), post: try text("post"),
            position: try position())
    }

    func fixDraft() throws -> FixDraft {
        FixDraft(
            latE7: try number("lat_e7"), lonE7: try number("lon_e7"), accuracyDm: try number("accuracy_dm"),
            speedCms: try number("speed_cms"))
    }

    func visitDraft() throws -> VisitDraft {
        VisitDraft(
            checkpoint: try text("checkpoint"), proof: try text("proof"), position: try position(),
            unlocatedReason: try textIf("unlocated_reason"))
    }

    func observationDraft() throws -> ObservationDraft {
        ObservationDraft(
            kind: try text("kind"), note: try text("note"), position: try position(), attachments: try objects("attachments"))
    }

    func urgentDraft() throws -> UrgentDraft {
        UrgentDraft(title: try text("title"), placeText: try text("place_text"), position: try position())
    }

    func caseDraft() throws -> CaseDraft {
        CaseDraft(
            caseKind: try text("case_kind"), title: try text("title"), description: try text("description"),
            placeText: try text("place_text"), position: try position(), dispute: try recordIf("dispute").map { try $0.dispute() },
            attachments: try objects("attachments"))
    }

    private func dispute() throws -> DisputeDraft {
        let parties = try listIf("parties").map { side in
            Party(role: try Arguments(side).text("role"), label: try Arguments(side).text("label"))
        }
        return DisputeDraft(
            disputeType: try text("dispute_type"), scale: try text("scale"), involvedCount: try number("involved_count"),
            parties: parties)
    }

    func reportDraft() throws -> ReportDraft {
        ReportDraft(
            result: try text("result"), narrative: try text("narrative"), measures: try texts("measures"),
            partyTold: try textIf("party_told"), agreement: try textIf("agreement"),
            selfHandled: try bool("self_handled", else: false), position: try position(), attachments: try objects("attachments"))
    }

    func attachmentDraft() throws -> AttachmentDraft {
        AttachmentDraft(
            role: try text("role"), mime: try text("mime"), position: try position(), content: try bytes("content"))
    }

    func phoneDraft() throws -> PhoneDraft {
        PhoneDraft(
            phone: try text("phone"), label: try text("label"), platform: try text("platform"),
            appVersion: try text("app_version"))
    }

    func budget() throws -> Budget {
        Budget(
            bytes: try numberIf("bytes"), durationMs: try numberIf("duration_ms"), metered: try bool("metered", else: false),
            photos: try bool("photos", else: true))
    }

    func httpAnswer() throws -> HttpAnswer {
        let headers = (fields["headers"] ?? .none).asRecord ?? [:]
        return HttpAnswer(
            status: try number("status"),
            headers: headers.compactMap { name, value in value.asText.map { HttpHeader(name: name, value: $0) } },
            body: fields["body"] == nil ? Data() : try bytes("body"), isCut: try bool("is_cut", else: false))
    }

    func clockReading() throws -> ClockReading {
        ClockReading(wallMs: try number("wall_ms"), monoMs: try number("mono_ms"), boot: try number("boot"))
    }

    func linkProblem(_ name: String) throws -> LinkProblem {
        try term(
            name,
            of: [
                .unreachable, .nameUnknown, .nameSilent, .nothingListens, .certificateTime, .lost, .wrongCertificate,
                .badAddress, .tooLarge, .cancelled,
            ])
    }

    func network(_ name: String) throws -> Network { try term(name, of: [.none, .metered, .unmetered]) }

    /// An error as the cases write one to be explained: its name, or its name with its fields.
    func fieldBookError(_ name: String) throws -> FieldBookError {
        let told = fields[name] ?? .none
        let kind = told.asText ?? told.asRecord?.keys.first ?? ""
        let of = Arguments(told[kind])
        switch kind {
        case "InvalidInput": return .invalidInput(field: try of.text("field"), detail: try of.text("detail"))
        case "NotFound": return .notFound(what: try of.text("what"))
        case "Closed": return .closed
        case "Unavailable": return .unavailable(try of.term("obstacle", of: [.locked, .alreadyOpen, .insideCallback]))
        case "StorageFull": return .storageFull
        case "DatabaseTooNew": return .databaseTooNew(found: try of.number("found"), supported: try of.number("supported"))
        case "Damaged": return .damaged
        case "Internal": return .internal(detail: try of.text("detail"))
        default: throw Trouble("there is no error \(kind)")
        }
    }
}
