package cn.gridfieldbook.contract

import java.math.BigInteger

/** Compares an answer with what a case expects. */
internal object Expecting {
    /** [wanted] is a resolved value of the case, [came] any value. */
    fun check(wanted: Any?, came: Any?) = holds(wanted, plain(came), "answer")

    private fun holds(wanted: Any?, came: Any?, at: String) {
        when {
            wanted is Map<*, *> && isRule(wanted) -> follows(wanted, came, at)
            wanted is Map<*, *> -> hasFields(wanted, came, at)
            wanted is List<*> -> hasItems(wanted, came, at)
            else -> told(plain(wanted) == came, at, wanted, came)
        }
    }

    private fun isRule(wanted: Map<*, *>): Boolean = wanted.isNotEmpty() && RULES.containsAll(wanted.keys)

    private fun follows(rules: Map<*, *>, came: Any?, at: String) = rules.forEach { (rule, wanted) ->
        val holds = when (rule) {
            "count" -> (came as? List<*>)?.size?.toBigInteger() == wanted
            "some" -> list(came, at).isNotEmpty() == wanted
            "each" -> list(came, at).forEachIndexed { index, item -> holds(wanted, item, "$at[$index]") }.let { true }
            "at_least" -> came is BigInteger && came >= wanted as BigInteger
            "at_most" -> came is BigInteger && came <= wanted as BigInteger
            "matches" -> came is String && Regex(wanted as String).containsMatchIn(came)
            "is" -> plain(wanted) == came
            "one_of" -> (wanted as List<*>).any { passes(it, came) }
            "not" -> !passes(wanted, came)
            "any" -> came != null
            "map" -> holds(rules["to"], list(came, at).map { (it as? Map<*, *>)?.get(wanted) }, "$at.$wanted").let { true }
            else -> rule == "to"
        }
        told(holds, at, rules, came)
    }

    private fun passes(wanted: Any?, came: Any?): Boolean = runCatching { holds(wanted, came, "") }.isSuccess

    private fun hasFields(wanted: Map<*, *>, came: Any?, at: String) {
        told(came is Map<*, *>, at, wanted, came)
        wanted.forEach { (name, value) ->
            told(name in (came as Map<*, *>), "$at.$name", value, "nothing of this name")
            holds(value, came[name], "$at.$name")
        }
    }

    private fun hasItems(wanted: List<*>, came: Any?, at: String) {
        val items = list(came, at)
        told(items.size == wanted.size, "$at: length", wanted.size, "${items.size} in $items")
        wanted.forEachIndexed { index, item -> holds(item, items[index], "$at[$index]") }
    }

    private fun list(came: Any?, at: String): List<*> = came as? List<*> ?: throw AssertionError("$at is no list: $came")

    private fun told(holds: Boolean, at: String, wanted: Any?, came: Any?) {
        if (!holds) throw AssertionError("$at: expected $wanted, came $came")
    }

    private val RULES =
        setOf("count", "some", "each", "at_least", "at_most", "matches", "is", "one_of", "not", "any", "map", "to")
}
