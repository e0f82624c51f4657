import Foundation

/// What a step went wrong with, in words.
struct Trouble: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A value of a case or of an answer.
enum Value: Sendable {
    case none
    case bool(Bool)
    case whole(Int64)
    /// A whole number beyond `Int64`.
    case large(UInt64)
    case real(Double)
    case text(String)
    case bytes(Data)
    case list([Value])
    case record([String: Value])
    /// Something that is no plain value: a field book, a kept attachment, a token.
    case object(any Sendable)

    static func number(_ number: UInt64) -> Value {
        Int64(exactly: number).map(Value.whole) ?? .large(number)
    }

    subscript(_ field: String) -> Value {
        guard case .record(let fields) = self else { return .none }
        return fields[field] ?? .none
    }

    var isNone: Bool { if case .none = self { true } else { false } }

    var asText: String? { if case .text(let text) = self { text } else { nil } }

    var asBool: Bool? { if case .bool(let bool) = self { bool } else { nil } }

    var asList: [Value]? { if case .list(let list) = self { list } else { nil } }

    var asRecord: [String: Value]? { if case .record(let record) = self { record } else { nil } }

    var asInt: Int? { if case .whole(let number) = self { Int(number) } else { nil } }

    var asDouble: Double? {
        switch self {
        case .whole(let number): Double(number)
        case .large(let number): Double(number)
        case .real(let number): number
        default: nil
        }
    }

    /// Whether both are the same; texts by their scalars, so that a composed letter is not a decomposed one.
    func equals(_ other: Value) -> Bool {
        switch (self, other) {
        case (.none, .none): true
        case (.bool(let left), .bool(let right)): left == right
        case (.whole(let left), .whole(let right)): left == right
        case (.large(let left), .large(let right)): left == right
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) }
        case (.record(let left), .record(let right)):
            left.count == right.count && left.allSatisfy { right[$0.key].map($0.value.equals) ?? false }
        default: asDouble.flatMap { left in other.asDouble.map { left == $0 } } ?? false
        }
    }
}

extension Value: Decodable {
    init(from decoder: any Decoder) throws {
        let one = try decoder.singleValueContainer()
        if one.decodeNil() {
            self = .none
        } else if let bool = try? one.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? one.decode(Int64.self) {
            self = .whole(number)
        } else if let number = try? one.decode(UInt64.self) {
            self = .large(number)
        } else if let number = try? one.decode(Double.self) {
            self = .real(number)
        } else if let text = try? one.decode(String.self) {
            self = .text(text)
        } else if let list = try? one.decode([Value].self) {
            self = .list(list)
        } else {
            self = .record(try one.decode([String: Value].self))
        }
    }

    static func parsed(_ json: Data) throws -> Value { try JSONDecoder().decode(Value.self, from: json) }
}

extension Value: CustomStringConvertible {
    /// As JSON, cut where it is long, for the detail of a failed step.
    var description: String {
        switch self {
        case .none: "null"
        case .bool(let bool): String(bool)
        case .whole(let number): String(number)
        case .large(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): "\"\(text.prefix(200))\""
        case .bytes(let bytes): "<\(bytes.count) bytes>"
        case .list(let list): "[\(list.prefix(8).map(\.description).joined(separator: ", "))]"
        case .record(let fields):
            "{\(fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        case .object(let object): "<\(type(of: object))>"
        }
    }
}

// MARK: What stands for a value

extension Value {
    /// The same with every `$name` replaced by what was saved, and every text, number and bytes that were described made.
    func resolved(_ saved: (String) throws -> Value) throws -> Value {
        switch self {
        case .text(let text) where text.first == "$":
            return try saved(String(text.dropFirst()))
        case .list(let list):
            return .list(try list.map { try $0.resolved(saved) })
        case .record(let fields):
            if let made = try Self.made(fields, saved) { return made }
            return .record(try fields.mapValues { try $0.resolved(saved) })
        default:
            return self
        }
    }

    private static func made(_ fields: [String: Value], _ saved: (String) throws -> Value) throws -> Value? {
        switch Set(fields.keys) {
        case ["repeat", "times"]:
            let part = try fields["repeat"]?.resolved(saved).asText ?? ""
            return .text(String(repeating: part, count: fields["times"]?.asInt ?? 0))
        case ["join"]:
            let parts = try fields["join"]?.resolved(saved).asList ?? []
            return .text(parts.compactMap(\.asText).joined())
        case ["int"]:
            let digits = fields["int"]?.asText ?? ""
            guard let number = Int64(digits).map(Value.whole) ?? UInt64(digits).map(Value.large) else {
                throw Trouble("\(digits) is no whole number")
            }
            return number
        case ["hex"]: return .bytes(try bytes(ofHex: fields["hex"]?.asText ?? ""))
        case ["zeros"]: return .bytes(Data(count: fields["zeros"]?.asInt ?? 0))
        case ["pattern"]: return .bytes(Data((0..<(fields["pattern"]?.asInt ?? 0)).map { UInt8($0 * 31 % 251) }))
        case ["utf8"]: return .bytes(Data((fields["utf8"]?.asText ?? "").utf8))
        default: return nil
        }
    }

    private static func bytes(ofHex hex: String) throws -> Data {
        let digits = Array(hex)
        guard digits.count.isMultiple(of: 2) else { throw Trouble("\(hex) has an odd number of digits") }
        return Data(
            try stride(from: 0, to: digits.count, by: 2).map { at in
                guard let byte = UInt8(String(digits[at...at + 1]), radix: 16) else { throw Trouble("\(hex) is not hexadecimal") }
                return byte
            })
    }

    /// What lies at `field.0.field` below this.
    func below(_ path: some Sequence<Substring>) throws -> Value {
        var value = self
        for part in path {
            switch value {
            case .record(let fields): value = fields[String(part)] ?? .none
            case .list(let list):
                guard let at = Int(part), list.indices.contains(at) else { throw Trouble("there is no item \(part)") }
                value = list[at]
            default: throw Trouble("\(value) has no \(part)")
            }
        }
        return value
    }
}
