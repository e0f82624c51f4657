// Exchanged by bindings/bindgen. A call inside a callback takes another status than the call that waits for it.
private inline fun <U, E: kotlin.Exception> uniffiRustCallWithError(errorHandler: UniffiRustCallStatusErrorHandler<E>, callback: (UniffiRustCallStatus) -> U): U {
    val spare = uniffiSpare.get()
    val before = spare.begin()
    try {
        // Its memory is all zeros, which is success, and is looked at by ourselves: field by field it is read for an error only.
        val status = spare.statuses.removeLastOrNull() ?: UniffiRustCallStatus().also { it.setAutoSynch(false) }
        val answer = callback(status)
        if (status.pointer.getByte(0) != UNIFFI_CALL_SUCCESS) {
            // It names an error that is freed by whoever reads it: it is used for nothing else.
            status.read()
            uniffiCheckCallStatus(errorHandler, status)
        }
        spare.statuses.addLast(status)
        return answer
    } finally {
        spare.end(before)
    }
}

// What a thread keeps for its next calls.
private class UniffiSpare {
    // A list of this language: java.util has one of the same name for its newer versions.
    val statuses = kotlin.collections.ArrayDeque<UniffiRustCallStatus>()

    private val carriers = arrayOfNulls<RustBuffer.ByValue>(CARRIERS)
    private var lent = 0
    private var depth = 0

    // Arguments are made inside of their call, so what a call was lent is back when it ends, and not before: to make one may take
    // any number of other calls, as a list of the app's own does that asks the library for its items.
    fun begin(): Int {
        depth += 1
        return lent
    }

    fun end(before: Int) {
        depth -= 1
        lent = before
    }

    // Outside of a call nobody would give it back.
    fun carrierOf(buffer: RustBuffer): RustBuffer.ByValue {
        val carrier = if (depth == 0 || lent == CARRIERS) newCarrier() else carriers[lent] ?: newCarrier().also { carriers[lent] = it }
        if (depth > 0 && lent < CARRIERS) lent += 1
        carrier.carry(buffer)
        return carrier
    }

    private fun newCarrier() = RustBuffer.ByValue().also { it.setAutoSynch(false) }

    private companion object {
        // What more is needed at one time is made anew.
        const val CARRIERS = 16
    }
}

private val uniffiSpare: ThreadLocal<UniffiSpare> = ThreadLocal.withInitial(::UniffiSpare)

