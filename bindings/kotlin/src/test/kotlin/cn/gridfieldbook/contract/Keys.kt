package cn.gridfieldbook.contract

import cn.gridfieldbook.FieldBook
import cn.gridfieldbook.KeyVault
import grid.fieldbook.ffi.HostException

/** Hides a key just enough to see that it was wrapped. */
internal open class PlainKeys : KeyVault {
    override fun wrap(key: ByteArray): ByteArray = MARK + veiled(key)

    override fun unwrap(wrapped: ByteArray): ByteArray {
        if (!wrapped.copyOf(MARK.size).contentEquals(MARK)) throw HostException.Lost()
        return veiled(wrapped.copyOfRange(MARK.size, wrapped.size))
    }

    private fun veiled(bytes: ByteArray) = ByteArray(bytes.size) { (bytes[it].toInt() xor VEIL).toByte() }

    private companion object {
        const val VEIL = 0x5A
        val MARK = "wrapped:".encodeToByteArray()
    }
}

/** Does the same with every key, whichever way it goes. */
private class SameKeys(private val answer: () -> ByteArray) : KeyVault {
    override fun wrap(key: ByteArray): ByteArray = answer()

    override fun unwrap(wrapped: ByteArray): ByteArray = answer()
}

/** Records while it unwraps, which is refused. */
private class CallingKeys(private val book: FieldBook, private val seen: Seen) : PlainKeys() {
    override fun unwrap(wrapped: ByteArray): ByteArray {
        seen.list += Fakes.told { book.count(Fakes.ONE_RESCUED) }
        return super.unwrap(wrapped)
    }
}

internal fun Scene.keys(kind: String): KeyVault = when (kind) {
    "plain" -> PlainKeys()
    "locked" -> SameKeys { throw HostException.Locked() }
    "lost" -> SameKeys { throw HostException.Lost() }
    "throws" -> SameKeys { throw IllegalStateException(Fakes.PRIVATE) }
    "other" -> SameKeys { ByteArray(32) }
    "short" -> SameKeys { "too short".encodeToByteArray() }
    "calls_book" -> CallingKeys(get("book"), Seen().also { save("keys", it) })
    else -> throw AssertionError("no such keys: $kind")
}
