class _UniffiConverterRustBuffer:
    @classmethod
    def lift(cls, rbuf):
        size = rbuf.len
        stream = _UniffiRustBufferStream(rbuf.data[:size] if size else b"")
        _UniffiLib.ffi_grid_ffi_rustbuffer_free(rbuf, _UniffiRustCallStatus())
        value = cls.read(stream)
        if stream.offset != size:
            raise RuntimeError(f"junk data left in buffer after lifting {stream.remaining()}")
        return value

    @classmethod
    def lower(cls, value):
        builder = _UniffiRustBufferBuilder()
        cls.write(value, builder)
        return builder.finalize()

