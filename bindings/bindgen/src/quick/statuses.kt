// Exchanged by bindings/bindgen. A call inside a callback takes another status than the call that waits for it.
private inline fun <U, E: kotlin.Exception> uniffiRustCallWithError(errorHandler: UniffiRustCallStatusErrorHandler<E>, callback: (UniffiRustCallStatus) -> U): U {
    val spare = uniffiSpare.get().statuses
    // Its memory is all zeros, which is success, and is looked at by ourselves: field by field it is read for an error only.
    val status = spare.removeLastOrNull() ?: UniffiRustCallStatus().also { it.setAutoSynch(false) }
    val answer = callback(status)
    if (status.pointer.getByte(0) != UNIFFI_CALL_SUCCESS) {
        // It names an error that is freed by whoever reads it: it is used for nothing else.
        status.read()
        uniffiCheckCallStatus(errorHandler, status)
    }
    spare.addLast(status)
    return answer
}

// What a thread keeps for its next calls.
private class UniffiSpare {
    // A list of this language: java.util has one of the same name for its newer versions.
    val statuses = kotlin.collections.ArrayDeque<UniffiRustCallStatus>()

    // The library has taken a buffer when its call begins, so its carrier is free for the call after the next ones.
    private val carriers = Array(CARRIERS) { RustBuffer.ByValue().also { it.setAutoSynch(false) } }
    private var turn = 0

    fun carrierOf(buffer: RustBuffer): RustBuffer.ByValue {
        turn = (turn + 1) % CARRIERS
        return carriers[turn].also { it.carry(buffer) }
    }

    private companion object {
        // More than any call has arguments.
        const val CARRIERS = 32
    }
}

private val uniffiSpare: ThreadLocal<UniffiSpare> = ThreadLocal.withInitial(::UniffiSpare)

