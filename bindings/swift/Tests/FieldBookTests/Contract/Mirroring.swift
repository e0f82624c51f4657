import FieldBook
import Foundation

extension Value {
    /// An answer as the cases write it: records and enums by reflection, bytes by length and digest.
    static func of(_ answer: Any) -> Value {
        switch answer {
        case is Void: return .none
        case let value as Value: return value
        case let bool as Bool: return .bool(bool)
        case let text as String: return .text(text)
        case let number as Int64: return .whole(number)
        case let number as Int32: return .whole(Int64(number))
        case let number as Int: return .whole(Int64(number))
        case let number as UInt64: return .number(number)
        case let number as UInt32: return .number(UInt64(number))
        case let number as UInt16: return .number(UInt64(number))
        case let bytes as Data:
            return .record(["length": .whole(Int64(bytes.count)), "sha256": .text(sha256(bytes))])
        case let error as FieldBookError: return named(error, "kind")
        default: return reflected(answer)
        }
    }

    private static func reflected(_ answer: Any) -> Value {
        let mirror = Mirror(reflecting: answer)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { of($0.value) } ?? .none
        case .collection: return .list(mirror.children.map { of($0.value) })
        case .struct: return .record(fields(of: mirror))
        case .enum:
            guard let payload = mirror.children.first, let name = payload.label else {
                return .text(pascal(String(describing: answer)))
            }
            return .record([pascal(name): .record(fields(of: Mirror(reflecting: payload.value)))])
        default: return .text(String(describing: answer))
        }
    }

    private static func fields(of mirror: Mirror) -> [String: Value] {
        Dictionary(
            uniqueKeysWithValues: mirror.children.compactMap { child in
                child.label.map { (snake($0), of(child.value)) }
            })
    }

    /// An error as `{"kind": …, and its fields}`.
    private static func named(_ error: FieldBookError, _ kind: String) -> Value {
        switch error {
        case .invalidInput(let field, let detail):
            .record([kind: .text("InvalidInput"), "field": .text(field), "detail": .text(detail)])
        case .notFound(let what): .record([kind: .text("NotFound"), "what": .text(what)])
        case .closed: .record([kind: .text("Closed")])
        case .unavailable(let obstacle): .record([kind: .text("Unavailable"), "obstacle": of(obstacle)])
        case .storageFull: .record([kind: .text("StorageFull")])
        case .databaseTooNew(let found, let supported):
            .record([kind: .text("DatabaseTooNew"), "found": of(found), "supported": of(supported)])
        case .damaged: .record([kind: .text("Damaged")])
        case .internal(let detail): .record([kind: .text("Internal"), "detail": .text(detail)])
        }
    }
}

/// What an error is called in a list of what was seen: its kind, and what is in the way.
func called(_ error: FieldBookError) -> String {
    let told = Value.of(error)
    return [told["kind"].asText, told["obstacle"].asText].compactMap { $0 }.joined(separator: " ")
}

/// `recordedAtMs` is `recorded_at_ms`.
private func snake(_ name: String) -> String {
    name.reduce(into: "") { snake, letter in
        if letter.isUppercase { snake.append("_") }
        snake.append(letter.lowercased())
    }
}

/// `backedUp` is `BackedUp`.
private func pascal(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }
