class _UniffiConverterRustBuffer:
    @classmethod
    def lift(cls, rbuf):
        size = rbuf.len
        stream = _UniffiRustBufferStream(rbuf.data[:size] if size else b"")
        _UniffiLib.ffi_grid_ffi_rustbuffer_free(rbuf, _UniffiRustCallStatus())
        try:
            value = cls.read(stream)
        except (IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
            raise InternalError("the library wrote something else than was agreed") from error
        if stream.offset != size:
            raise InternalError(f"the library wrote {size} bytes, and {stream.offset} were agreed")
        return value

    @classmethod
    def lower(cls, value):
        builder = _UniffiRustBufferBuilder()
        cls.write(value, builder)
        return builder.finalize()

