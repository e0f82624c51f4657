    fun toUtf8(value: String): ByteBuffer {
        if (value.none(Char::isSurrogate)) return ByteBuffer.wrap(value.toByteArray(Charsets.UTF_8))
        // Half of a pair of surrogates, as a text that was cut has it, must not keep the rest from being saved.
        return Charsets.UTF_8.newEncoder().run {
            onMalformedInput(CodingErrorAction.REPLACE).replaceWith("\uFFFD".toByteArray())
            encode(CharBuffer.wrap(value))
        }
    }

