import FieldBookFFI
import Foundation

/// Why a call did not do what it was asked. Nothing saved is lost by any of these.
///
/// Each case is a different reaction of the app. What a network did is no error: see ``SyncOutcome`` and ``EnrollOutcome``.
public enum FieldBookError: Error, Equatable, Hashable, Sendable {
    /// One field cannot be taken: mark it, let the worker correct it. `detail` is a stable name with its limit after a colon,
    /// such as `empty`, `too_long:40` or `unknown`.
    case invalidInput(field: String, detail: String)
    /// There is no such thing on this phone: go back and show the list again.
    case notFound(what: String)
    /// The field book was closed: ``FieldBook/reopen()`` it and repeat the call.
    case closed
    /// Not now: wait for the obstacle to go, then repeat the call.
    case unavailable(Obstacle)
    /// No space left and not saved: let the worker free some, then save again.
    case storageFull
    /// Written by a newer application: ask for an update. Nothing was touched.
    case databaseTooNew(found: UInt32, supported: UInt32)
    /// The database does not open under its key and is left as it is: ``FieldBook/recover(folder:keyVault:clock:)`` brings it
    /// back.
    case damaged
    /// A bug or a failing disk: report it. `detail` holds nothing personal.
    case `internal`(detail: String)
}

extension FieldBookError {
    init(_ told: FieldError) {
        switch told {
        case .InvalidInput(let field, let detail): self = .invalidInput(field: field, detail: detail)
        case .NotFound(let what): self = .notFound(what: what)
        case .Closed: self = .closed
        case .Unavailable(let obstacle): self = .unavailable(obstacle)
        case .StorageFull: self = .storageFull
        case .DatabaseTooNew(let found, let supported): self = .databaseTooNew(found: found, supported: supported)
        case .Damaged: self = .damaged
        case .Internal(let detail): self = .internal(detail: detail)
        }
    }

    private var asTold: FieldError {
        switch self {
        case .invalidInput(let field, let detail): .InvalidInput(field: field, detail: detail)
        case .notFound(let what): .NotFound(what: what)
        case .closed: .Closed
        case .unavailable(let obstacle): .Unavailable(obstacle: obstacle)
        case .storageFull: .StorageFull
        case .databaseTooNew(let found, let supported): .DatabaseTooNew(found: found, supported: supported)
        case .damaged: .Damaged
        case .internal(let detail): .Internal(detail: detail)
        }
    }

    /// What a person is told: what happened, what it means for the record, and what to do. Chinese for a Chinese locale such
    /// as `zh-CN`, English for every other.
    public func advice(locale: String) -> Advice { explain(error: asTold, locale: locale) }
}

extension FieldBookError: LocalizedError, CustomStringConvertible {
    /// The whole advice as one text, in the language of the phone.
    public var errorDescription: String? { text(locale: Locale.current.identifier) }

    /// What to do, in the language of the phone.
    public var recoverySuggestion: String? { advice(locale: Locale.current.identifier).next }

    /// The whole advice in English, for a log.
    public var description: String { text(locale: "en") }

    private func text(locale: String) -> String {
        let advice = advice(locale: locale)
        let stop = locale.hasPrefix("zh") ? "。" : ". "
        return [advice.happened, advice.meaning, advice.next].map { $0 + stop }.joined()
            .trimmingCharacters(in: .whitespaces)
    }
}

/// What a call of the library came to, with its error as ours.
func outcome<Answer>(of call: () throws -> Answer) -> Result<Answer, FieldBookError> {
    do {
        return .success(try call())
    } catch let error as FieldError {
        return .failure(FieldBookError(error))
    } catch {
        // Only a library of another version answers what this one cannot read.
        return .failure(.internal(detail: "the library and this package are not of one version"))
    }
}

/// The same for a call that takes no time.
func answered<Answer>(_ call: () throws -> Answer) throws(FieldBookError) -> Answer {
    try outcome(of: call).get()
}
