def _uniffi_utf8(text):
    try:
        return str.encode(text, "utf-8")
    except UnicodeEncodeError:
        return str.encode(text, "utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")

class _UniffiRustBufferStream(bytes):
    """
    What the library wrote, copied, and how far it is read. Exchanged by bindings/bindgen.
    """

    offset = 0

    @classmethod
    def from_rust_buffer(cls, buf):
        size = buf.len
        return cls(buf.data[:size] if size else b"")

    def remaining(self):
        return len(self) - self.offset

    def read(self, size):
        begin = self.offset
        end = begin + size
        if size < 0 or end > len(self):
            raise InternalError("read past end of rust buffer")
        self.offset = end
        return self[begin:end]

def _uniffi_reads(format, size):
    unpack_from = struct.Struct(format).unpack_from

    def read(self):
        begin = self.offset
        self.offset = begin + size
        try:
            return unpack_from(self, begin)[0]
        except struct.error:
            raise InternalError("read past end of rust buffer") from None

    return read

class _UniffiRustBufferBuilder(bytearray):
    """
    Gathers what the library is to read, and hands it over in one piece.
    """

    def finalize(self):
        status = _UniffiRustCallStatus()
        buffer = _UniffiLib.ffi_grid_ffi_rustbuffer_from_bytes(_UniffiForeignBytes(len(self), bytes(self)), status)
        if status.code:
            _uniffi_check_call_status(None, status)
        return buffer

    def discard(self):
        self.clear()

    def write(self, value):
        self += value

def _uniffi_writes(format):
    pack = struct.Struct(format).pack

    def write(self, value):
        self += pack(value)

    return write

for _uniffi_name, _uniffi_format in [
    ("i8", ">b"), ("u8", ">B"), ("i16", ">h"), ("u16", ">H"), ("i32", ">i"), ("u32", ">I"), ("i64", ">q"), ("u64", ">Q"),
    ("float", ">f"), ("double", ">d"),
]:
    setattr(_UniffiRustBufferStream, "read_" + _uniffi_name, _uniffi_reads(_uniffi_format, struct.calcsize(_uniffi_format)))
    setattr(_UniffiRustBufferBuilder, "write_" + _uniffi_name, _uniffi_writes(_uniffi_format))

