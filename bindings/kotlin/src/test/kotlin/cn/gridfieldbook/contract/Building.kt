package cn.gridfieldbook.contract

import grid.fieldbook.ffi.Transport
import java.math.BigInteger
import kotlin.reflect.KClass
import kotlin.reflect.KType
import kotlin.reflect.full.isSubclassOf
import kotlin.reflect.full.primaryConstructor

/** A resolved value as what a parameter or a field wants. */
internal class Building(private val fakes: Fakes) {
    fun build(value: Any?, type: KType): Any? {
        val kind = type.classifier as KClass<*>
        return when {
            value == null -> null.also { check(type.isMarkedNullable) { "$type cannot be none" } }
            kind == Function1::class -> fakes.progress(fieldsIn(value))
            kind == Transport::class -> fakes.transport(fieldsIn(value))
            kind == List::class -> items(value, type)
            kind.isInstance(value) -> value
            value is BigInteger -> number(value, kind)
            kind.isSubclassOf(Enum::class) -> constant(value, kind)
            kind.isSealed -> variant(value, kind)
            kind.isData -> made(kind, fieldsIn(value))
            else -> throw AssertionError("$value is no $kind")
        }
    }

    private fun items(value: Any, type: KType): List<Any?> {
        val item = type.arguments.single().type ?: throw AssertionError("a list of anything: $type")
        return (value as List<*>).map { build(it, item) }
    }

    private fun number(value: BigInteger, kind: KClass<*>): Any = when (kind) {
        Int::class -> value.intValueExact()
        Long::class -> value.longValueExact()
        UShort::class -> value.toString().toUShort()
        UInt::class -> value.toString().toUInt()
        ULong::class -> value.toString().toULong()
        else -> throw AssertionError("$value is no $kind")
    }

    private fun constant(value: Any, kind: KClass<*>): Any =
        kind.java.enumConstants.first { pascal((it as Enum<*>).name) == value }

    private fun variant(value: Any, kind: KClass<*>): Any {
        val (name, fields) = when (value) {
            is Map<*, *> -> value.entries.single().toPair()
            else -> value to emptyMap<String, Any?>()
        }
        val variant = kind.sealedSubclasses.first { it.simpleName == name }
        return variant.objectInstance ?: made(variant, fieldsIn(fields))
    }

    private fun made(kind: KClass<*>, fields: Map<String, Any?>): Any {
        val constructor = kind.primaryConstructor ?: throw AssertionError("nobody can make a $kind")
        val byName = constructor.parameters.associateBy { it.name }
        val given = fields.entries.associate { (name, value) ->
            val parameter = byName[camel(name)] ?: throw AssertionError("$kind has no $name")
            parameter to build(value, parameter.type)
        }
        return constructor.callBy(given)
    }

    private fun fieldsIn(value: Any?): Map<String, Any?> =
        (value as Map<*, *>).entries.associate { it.key.toString() to it.value }
}
