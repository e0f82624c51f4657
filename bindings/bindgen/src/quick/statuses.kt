// Exchanged by bindings/bindgen. A call inside a callback takes another status than the call that waits for it.
private inline fun <U, E: kotlin.Exception> uniffiRustCallWithError(errorHandler: UniffiRustCallStatusErrorHandler<E>, callback: (UniffiRustCallStatus) -> U): U {
    val spare = uniffiSpareStatuses.get()
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

// A list of this language: java.util has one of the same name for its newer versions.
private val uniffiSpareStatuses: ThreadLocal<kotlin.collections.ArrayDeque<UniffiRustCallStatus>> =
    ThreadLocal.withInitial { kotlin.collections.ArrayDeque() }

