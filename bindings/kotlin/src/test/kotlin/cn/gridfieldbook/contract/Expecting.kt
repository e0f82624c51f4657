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

    private fun isRule(wanted: Map<*, *>): Boolean = wanted.keys == setOf("map", "to") || wanted.keys.singleOrNull() in RULES

    private fun follows(rule: Map<*, *>, came: Any?, at: String) {
        val wanted = rule.values.first()
        when (rule.keys.first()) {
            "count" -> holds(wanted, (came as? List<*>)?.size?.toBigInteger(), "$at.count")
            "each" -> list(came, at).forEachIndexed { index, item -> holds(wanted, item, "$at[$index]") }
            "at_least" -> told(came is BigInteger && came >= wanted as BigInteger, at, rule, came)
            "at_most" -> told(came is BigInteger && came <= wanted as BigInteger, at, rule, came)
            "matches" -> told(came is String && Regex(wanted as String).containsMatchIn(came), at, rule, came)
            "is" -> told(plain(wanted) == came, at, rule, came)
            "one_of" -> told((wanted as List<*>).any { passes(it, came) }, at, rule, came)
            "not" -> told(!passes(wanted, came), at, rule, came)
            "any" -> told(came != null, at, rule, came)
            "map", "to" -> {
                val fields = list(came, at).map { (it as? Map<*, *>)?.get(rule["map"]) }
                holds(rule["to"], fields, "$at.${rule["map"]}")
            }
            else -> throw AssertionError("no rule of the contract: $rule")
        }
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

    private val RULES = setOf("count", "each", "at_least", "at_most", "matches", "is", "one_of", "not", "any")
}
