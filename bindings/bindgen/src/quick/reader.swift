/// Reads what the library wrote, in its own memory. Exchanged by bindings/bindgen.
public struct UniffiReader {
    fileprivate let bytes: UnsafeRawBufferPointer
    fileprivate var offset = 0

    fileprivate init(_ buffer: RustBuffer) {
        bytes = UnsafeRawBufferPointer(start: buffer.data, count: Int(buffer.len))
    }

    fileprivate var isUnread: Bool { offset < bytes.count }

    /// The next bytes; they are gone with the buffer.
    @inline(__always)
    fileprivate mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - offset else { throw UniffiInternalError.bufferOverflow }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}

@inline(__always)
fileprivate func readInt<T: FixedWidthInteger & BitwiseCopyable>(_ reader: inout UniffiReader) throws -> T {
    T(bigEndian: try reader.take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
}

@inline(__always)
fileprivate func readBytes(_ reader: inout UniffiReader, count: Int) throws -> UnsafeBufferPointer<UInt8> {
    // Of raw bytes a text is made on a slower way.
    try reader.take(count).assumingMemoryBound(to: UInt8.self)
}

