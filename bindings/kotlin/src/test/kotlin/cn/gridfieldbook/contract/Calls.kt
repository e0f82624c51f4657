package cn.gridfieldbook.contract

import cn.gridfieldbook.FieldBookException
import cn.gridfieldbook.explain
import com.fasterxml.jackson.databind.JsonNode
import kotlinx.coroutines.runBlocking
import java.lang.reflect.InvocationTargetException
import kotlin.reflect.KFunction
import kotlin.reflect.KParameter
import kotlin.reflect.full.callSuspendBy
import kotlin.reflect.full.memberFunctions

/** Makes the calls that a case names, and judges what came. */
internal class Calls(private val scene: Scene) {
    private val building = Building(Fakes(scene))

    /** Makes the call of a step and looks whether it ended as the step says. */
    fun run(step: JsonNode) = judge(step, attempt { call(step) })

    /** What a call of a step gives, or the error that it throws. */
    fun attempt(step: JsonNode): Result<Any?> = attempt { call(step) }

    /** Anything but an error of ours fails the case. */
    inline fun attempt(call: () -> Any?): Result<Any?> =
        try {
            Result.success(call())
        } catch (error: FieldBookException) {
            Result.failure(error)
        }

    fun judge(step: JsonNode, ended: Result<Any?>) {
        val error = ended.exceptionOrNull() as FieldBookException?
        error?.let(::checkText)
        if (step.has("error")) {
            error ?: throw AssertionError("threw nothing, and answered ${plain(ended.getOrNull())}")
            return Expecting.check(scene.resolved(step["error"]), mapOf("kind" to error::class.simpleName) + fieldsOf(error))
        }
        error?.let { throw AssertionError("threw ${label(it)} ${fieldsOf(it)}") }
        if (step.has("expect")) Expecting.check(scene.resolved(step["expect"]), ended.getOrNull())
        step.text("save")?.let { scene.save(it, ended.getOrNull()) }
    }

    private fun call(step: JsonNode): Any? {
        val name = step.text("call") ?: throw AssertionError("no call: $step")
        val on = if (step.has("on")) step.text("on") else "book"
        if (on == null) return made(FREE[name] ?: throw AssertionError("no function $name"), null, step)
        val target = scene.get<Any>(on)
        val kotlinName = NAMES["${target::class.simpleName}.$name"] ?: camel(name)
        val function = target::class.memberFunctions.single { it.name == kotlinName }
        return made(function, target, step)
    }

    private fun made(function: KFunction<*>, target: Any?, step: JsonNode): Any? {
        val given = step["args"]?.properties().orEmpty().associate { (name, value) ->
            val parameter = function.parameters.firstOrNull { it.name == camel(name) }
                ?: throw AssertionError("${function.name} has no $name")
            parameter to building.build(scene.resolved(value), parameter.type)
        }
        val receiver = function.parameters.filter { it.kind == KParameter.Kind.INSTANCE }.associateWith { target }
        return try {
            runBlocking { function.callSuspendBy(receiver + given) }
        } catch (thrown: InvocationTargetException) {
            throw thrown.targetException
        }
    }

    companion object {
        /** What Kotlin calls otherwise: `close()` frees an object, and `suspend` is a keyword. */
        private val NAMES = mapOf("FieldBook.close" to "closeVault", "FieldBook.suspend" to "suspendVault")
        private val FREE = mapOf<String, KFunction<*>>("explain" to ::explain)
        private val NOT_IN_A_TEXT = listOf("uniffi", "FieldException", "grid_ffi", "FfiConverter", "kotlin.", "0x")

        /** The kind of an error, and what is in the way. */
        fun label(error: FieldBookException): String =
            listOfNotNull(error::class.simpleName, fieldsOf(error)["obstacle"]).joinToString(" ")

        fun checkText(error: FieldBookException) {
            val text = error.message
            val generated = NOT_IN_A_TEXT.filter { it in text }
            if (text.isBlank() || generated.isNotEmpty()) throw AssertionError("the text of ${label(error)} is '$text'")
        }
    }
}
