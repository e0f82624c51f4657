import FieldBook
import Foundation

/// A key vault for tests and benches: hides a key just enough to see that it was wrapped. Never for an app.
package final class PlainKeys: KeyVault {
    private static let mark = Data("wrapped:".utf8)
    private static let veil: UInt8 = 0x5A

    package init() {}

    package func wrap(key: Data) throws -> Data { Self.mark + key.map { $0 ^ Self.veil } }

    package func unwrap(wrapped: Data) throws -> Data {
        guard wrapped.starts(with: Self.mark) else { throw HostError.Lost }
        return Data(wrapped.dropFirst(Self.mark.count).map { $0 ^ Self.veil })
    }
}
