package cn.gridfieldbook.contract

import com.fasterxml.jackson.databind.JsonNode
import java.math.BigInteger
import java.security.MessageDigest
import kotlin.reflect.full.memberProperties
import kotlin.reflect.full.primaryConstructor

/** A value of a case with every `$name` in its place: maps, lists, texts, numbers, bytes, and saved objects as they are. */
internal fun Scene.resolved(node: JsonNode?): Any? = when {
    node == null || node.isNull || node.isMissingNode -> null
    node.isTextual -> node.textValue().let { if (it.startsWith("$")) named(it.drop(1)) else it }
    node.isBoolean -> node.booleanValue()
    node.isIntegralNumber -> node.bigIntegerValue()
    node.isArray -> node.map(::resolved)
    node.isObject -> written(node) ?: node.properties().associate { (name, value) -> name to resolved(value) }
    else -> throw AssertionError("no value of the contract: $node")
}

/** What a text, some bytes or a large number is written as. */
private fun Scene.written(node: JsonNode): Any? {
    fun only(name: String) = node[name].takeIf { node.size() == 1 }
    val repeated = node.text("repeat")
    if (repeated != null && node.has("times")) return repeated.repeat(node["times"].intValue())
    only("join")?.let { parts -> return parts.joinToString("") { resolved(it).toString() } }
    only("int")?.let { return BigInteger(it.textValue()) }
    only("utf8")?.let { return resolved(it).toString().encodeToByteArray() }
    only("zeros")?.let { return ByteArray(it.intValue()) }
    only("pattern")?.let { length -> return ByteArray(length.intValue()) { (it.toLong() * 31 % 251).toByte() } }
    return only("hex")?.let { HEX.parse(it.textValue()) }
}

/** An answer as maps, lists, texts and numbers; records by their fields, enums by their variants, bytes by their digest. */
internal fun plain(value: Any?): Any? = when (value) {
    null, is String, is Boolean, is BigInteger -> value
    is JsonNode -> plainJson(value)
    is Byte, is Short, is Int, is Long -> BigInteger.valueOf((value as Number).toLong())
    is UShort, is UInt, is ULong -> BigInteger(value.toString())
    is ByteArray -> mapOf("length" to value.size.toBigInteger(), "sha256" to HEX.print(sha256(value)))
    is Enum<*> -> pascal(value.name)
    is List<*> -> value.map(::plain)
    is Map<*, *> -> value.entries.associate { it.key.toString() to plain(it.value) }
    is Unit -> null
    else -> plainObject(value)
}

private fun plainJson(node: JsonNode): Any? = when {
    node.isNull -> null
    node.isTextual -> node.textValue()
    node.isBoolean -> node.booleanValue()
    node.isIntegralNumber -> node.bigIntegerValue()
    node.isArray -> node.map(::plainJson)
    else -> node.properties().associate { (name, value) -> name to plainJson(value) }
}

private fun plainObject(value: Any): Any {
    val kind = value::class
    val isVariant = kind.java.superclass.kotlin.isSealed
    if (kind.objectInstance != null) return kind.simpleName.orEmpty()
    if (!kind.isData) return value
    val fields = fieldsOf(value)
    return if (isVariant) mapOf(kind.simpleName.orEmpty() to fields) else fields
}

/** The fields that an object was made of, by their names in Rust. */
internal fun fieldsOf(value: Any): Map<String, Any?> {
    val properties = value::class.memberProperties.associateBy { it.name }
    val names = value::class.primaryConstructor?.parameters.orEmpty().mapNotNull { it.name }
    return names.associate { snake(it) to plain(properties.getValue(it).getter.call(value)) }
}

internal fun camel(name: String): String = Regex("_([a-z0-9])").replace(name) { it.groupValues[1].uppercase() }

internal fun snake(name: String): String = Regex("[A-Z]").replace(name) { "_" + it.value.lowercase() }

/** `NAME_UNKNOWN` as `NameUnknown`. */
internal fun pascal(name: String): String =
    name.split('_').joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) }

internal fun sha256(bytes: ByteArray): ByteArray = MessageDigest.getInstance("SHA-256").digest(bytes)

internal object HEX {
    private val format = java.util.HexFormat.of()

    fun parse(text: String): ByteArray = format.parseHex(text)

    fun print(bytes: ByteArray): String = format.formatHex(bytes)
}
