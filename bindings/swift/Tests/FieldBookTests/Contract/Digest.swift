import Foundation

#if canImport(CryptoKit)
    import CryptoKit

    /// SHA-256 as 64 hexadecimal digits.
    func sha256(_ bytes: Data) -> String { SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined() }
#else
    /// The function of the libcrypto that the library itself is linked with.
    private let libcrypto: @convention(c) (UnsafeRawPointer?, Int, UnsafeMutablePointer<UInt8>) -> UnsafeRawPointer? = {
        guard let library = dlopen("libcrypto.so.3", RTLD_NOW), let symbol = dlsym(library, "SHA256") else {
            preconditionFailure("libcrypto.so.3 has no SHA256")
        }
        return unsafeBitCast(
            symbol, to: (@convention(c) (UnsafeRawPointer?, Int, UnsafeMutablePointer<UInt8>) -> UnsafeRawPointer?).self)
    }()

    /// SHA-256 as 64 hexadecimal digits.
    func sha256(_ bytes: Data) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        _ = bytes.withUnsafeBytes { libcrypto($0.baseAddress ?? UnsafeRawPointer(bitPattern: 1), $0.count, &digest) }
        return digest.map { String(format: "%02x", $0) }.joined()
    }
#endif
