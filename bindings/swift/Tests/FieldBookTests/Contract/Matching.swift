import Foundation

/// Compares an answer with an expectation; nothing when it holds, else where it does not.
func mismatch(_ answer: Value, _ expected: Value, at place: String = "answer") -> String? {
    switch expected {
    case .record(let fields) where isMatcher(fields):
        for (name, wanted) in fields.sorted(by: { $0.key < $1.key }) where name != "to" {
            if let fault = judged(answer, name, wanted, fields, place) { return fault }
        }
        return nil
    case .record(let fields):
        guard let told = answer.asRecord else { return "\(place) is \(answer), not an object like \(expected)" }
        for (name, wanted) in fields.sorted(by: { $0.key < $1.key }) {
            guard let value = told[name] else { return "\(place) has no \(name)" }
            if let fault = mismatch(value, wanted, at: "\(place).\(name)") { return fault }
        }
        return nil
    case .list(let wanted):
        guard let told = answer.asList, told.count == wanted.count else { return "\(place) is \(answer), not \(expected)" }
        for (at, pair) in zip(told, wanted).enumerated() {
            if let fault = mismatch(pair.0, pair.1, at: "\(place).\(at)") { return fault }
        }
        return nil
    default:
        return answer.equals(expected) ? nil : "\(place) is \(answer), not \(expected)"
    }
}

private let matchers: Set<String> = [
    "count", "some", "each", "at_least", "at_most", "matches", "is", "one_of", "not", "any", "map", "to",
]

/// An object is a matcher when all its fields are names of matchers.
private func isMatcher(_ fields: [String: Value]) -> Bool {
    !fields.isEmpty && fields.keys.allSatisfy(matchers.contains)
}

private func judged(
    _ answer: Value, _ matcher: String, _ wanted: Value, _ all: [String: Value], _ place: String
) -> String? {
    let fault = "\(place) is \(answer): \(matcher) \(wanted) does not hold"
    switch matcher {
    case "count": return answer.asList?.count == wanted.asInt ? nil : fault
    case "some": return answer.asList.map { !$0.isEmpty } == wanted.asBool ? nil : fault
    case "each":
        guard let list = answer.asList else { return fault }
        return list.enumerated().lazy.compactMap { mismatch($1, wanted, at: "\(place).\($0)") }.first
    case "at_least": return number(answer, wanted) { $0 >= $1 } ? nil : fault
    case "at_most": return number(answer, wanted) { $0 <= $1 } ? nil : fault
    case "matches":
        guard let text = answer.asText, let pattern = wanted.asText else { return fault }
        return text.range(of: pattern, options: .regularExpression) == nil ? fault : nil
    case "is": return mismatch(answer, wanted, at: place)
    case "one_of": return (wanted.asList ?? []).contains { mismatch(answer, $0) == nil } ? nil : fault
    case "not": return mismatch(answer, wanted) == nil ? fault : nil
    case "any": return answer.isNone ? fault : nil
    case "map":
        guard let list = answer.asList, let field = wanted.asText else { return fault }
        return mismatch(.list(list.map { $0[field] }), all["to"] ?? .none, at: "\(place).*.\(field)")
    default: return fault
    }
}

private func number(_ answer: Value, _ wanted: Value, _ holds: (Double, Double) -> Bool) -> Bool {
    guard let left = answer.asDouble, let right = wanted.asDouble else { return false }
    return holds(left, right)
}
