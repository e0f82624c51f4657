@Structure.FieldOrder("capacity", "len", "data")
open class RustBuffer : Structure {
    // Note: `capacity` and `len` are actually `ULong` values, but JVM only supports signed values.
    @JvmField var capacity: Long = 0
    @JvmField var len: Long = 0
    @JvmField var data: Pointer? = null

    constructor() : super()

    // Over memory that is gone after the call: its fields are read at once, and it is never passed on itself. Not public: what
    // a callback is to write to is made by the other one, and written back.
    protected constructor(from: Pointer) : super(from) {
        setAutoSynch(false)
        if (Pointer.nativeValue(from) == 0L) return
        capacity = from.getLong(0)
        len = from.getLong(8)
        data = from.getPointer(16)
    }

    // With the second constructor an answer of the library costs no memory outside the heap and no cleaner.
    class ByValue : RustBuffer, Structure.ByValue {
        constructor() : super()
        constructor(from: Pointer) : super(from)
    }
    class ByReference: RustBuffer(), Structure.ByReference

    internal fun setValue(other: RustBuffer) {
        capacity = other.capacity
        len = other.len
        data = other.data
    }

    // As [setValue], in its own memory, too.
    internal fun carry(other: RustBuffer) {
        setValue(other)
        pointer.setLong(0, capacity)
        pointer.setLong(8, len)
        pointer.setPointer(16, data)
    }

    internal fun carriesOnly(bytes: Int) {
        len = bytes.toLong()
        pointer.setLong(8, len)
    }

    companion object {
        internal fun alloc(size: ULong = 0UL): RustBuffer.ByValue {
            val made = uniffiRustCall { status -> UniffiLib.ffi_grid_ffi_rustbuffer_alloc(size.toLong(), status) }
            if (made.data == null) {
                throw RuntimeException("RustBuffer.alloc() returned null data pointer (size=${size})")
            }
            return uniffiSpare.get().carrierOf(made)
        }

        internal fun free(buf: RustBuffer.ByValue) = uniffiRustCall { status ->
            UniffiLib.ffi_grid_ffi_rustbuffer_free(uniffiSpare.get().carrierOf(buf), status)
        }
    }

    @Suppress("TooGenericExceptionThrown")
    fun asByteBuffer() =
        this.data?.getByteBuffer(0, this.len)?.also {
            it.order(ByteOrder.BIG_ENDIAN)
        }
}

