package cn.gridfieldbook

import java.lang.reflect.Modifier
import java.nio.file.Path
import kotlin.io.path.Path
import kotlin.io.path.extension
import kotlin.io.path.pathString
import kotlin.io.path.relativeTo
import kotlin.io.path.walk
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KMutableProperty
import kotlin.reflect.KParameter
import kotlin.reflect.KType
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredMemberFunctions
import kotlin.reflect.full.declaredMemberProperties
import kotlin.reflect.jvm.kotlinFunction

/** Prints what the compiled classes in a folder offer to an app, in an order that does not change: `ApiKt FOLDER`. */
fun main(arguments: Array<String>) = classNames(Path(arguments.single())).map(::offered).forEach(::print)

/** Every class but the plumbing of the generated code, which no app is meant to see. */
private fun classNames(root: Path): List<String> =
    root.walk()
        .filter { it.extension == "class" }
        .map { it.relativeTo(root).pathString.removeSuffix(".class").replace('/', '.') }
        .filterNot { PLUMBING.containsMatchIn(it) }
        .sorted()
        .toList()

private fun offered(name: String): String {
    val found = Class.forName(name, false, KFunction::class.java.classLoader)
    if (name.endsWith("Kt")) return functionsOfFile(found)
    val kind = found.kotlin
    if (kind.visibility != KVisibility.PUBLIC) return ""
    val parents = kind.supertypes.map(::shown).filter { it != "Any" && !it.startsWith("Enum<") }.sorted()
    val over = if (parents.isEmpty()) "" else parents.joinToString(prefix = " : ")
    val head = "${sort(kind)} ${kind.qualifiedName}$over"
    val members = constants(found) + constructors(kind) + properties(kind) + functions(kind)
    return if (members.isEmpty() && kind.isCompanion) "" else "$head\n${members.joinToString("") { "    $it\n" }}"
}

private fun sort(kind: KClass<*>): String = when {
    kind.isSealed -> "sealed"
    kind.isData -> "data"
    kind.isCompanion || kind.objectInstance != null -> "object"
    kind.java.isEnum -> "enum"
    kind.java.isInterface -> "interface"
    else -> "class"
}

private fun constants(found: Class<*>): List<String> = found.enumConstants.orEmpty().map { it.toString() }

private fun constructors(kind: KClass<*>): List<String> =
    if (kind.isSealed || kind.java.isEnum) {
        emptyList()
    } else {
        kind.constructors.filter { it.visibility == KVisibility.PUBLIC }.map { "constructor${parameters(it)}" }
            .filterNot { PLUMBING.containsMatchIn(it) }.sorted()
    }

private fun properties(kind: KClass<*>): List<String> =
    kind.declaredMemberProperties
        .filter { it.visibility == KVisibility.PUBLIC && !it.name.startsWith("uniffi") }
        .map { "${if (it is KMutableProperty<*>) "var" else "val"} ${it.name}: ${shown(it.returnType)}" }
        .sorted()

private fun functions(kind: KClass<*>): List<String> =
    kind.declaredMemberFunctions
        .filter { it.visibility == KVisibility.PUBLIC && !IMPLIED.matches(it.name) }
        .map(::signature)
        .sorted()

private fun functionsOfFile(found: Class<*>): String =
    found.declaredMethods
        .filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic }
        .mapNotNull { it.kotlinFunction }
        .filter { it.visibility == KVisibility.PUBLIC }
        .map { "${found.packageName}: ${signature(it)}\n" }
        .sorted()
        .joinToString("")

private fun signature(function: KFunction<*>): String {
    val suspends = if (function.isSuspend) "suspend " else ""
    return "${suspends}fun ${function.name}${parameters(function)}: ${shown(function.returnType)}"
}

private fun parameters(function: KFunction<*>): String =
    function.parameters
        .filter { it.kind == KParameter.Kind.VALUE }
        .joinToString(prefix = "(", postfix = ")") { "${it.name}: ${shown(it.type)}${if (it.isOptional) " = …" else ""}" }

/** A type by its short name; `grid.fieldbook.ffi` stays, so that one sees what is used as generated. */
private fun shown(type: KType): String = type.toString().replace(ALIASED, "").replace(KNOWN_PACKAGES, "")

private val ALIASED = Regex(" /\\* = .*? \\*/")
private val KNOWN_PACKAGES = Regex("\\b(kotlin\\.collections|kotlin|cn\\.gridfieldbook|kotlinx\\.coroutines\\.flow)\\.")

private val PLUMBING =
    Regex("Uniffi|uniffi|FfiConverter|ForeignBytes|RustBuffer|NoHandle|Grid_ffiKt|Disposable|\\$\\d|\\\$inlined|ErrorHandler")

/** What comes with every data class, enum or generated object. */
private val IMPLIED = Regex("component\\d+|copy|equals|hashCode|toString|destroy|values|valueOf|uniffi.*")
