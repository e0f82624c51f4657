package cn.gridfieldbook.contract

import cn.gridfieldbook.FieldBook
import com.fasterxml.jackson.databind.JsonNode
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Semaphore
import kotlin.io.path.createDirectories

/** What one case has around it: a folder of its own, what it saved, and what must end with it. */
internal class Scene private constructor(val folder: Path) {
    private val saved = ConcurrentHashMap<String, Any>()
    private val endings = ArrayDeque<() -> Unit>()

    /** Where the vaults lie; on the small disk once a case asked for it. */
    var vaults: Path = folder

    /** Released when the case ends; what blocks waits for it. */
    val isOver = CountDownLatch(1)

    /** One permit for each time a scripted transport was asked. */
    val asked = Semaphore(0)

    fun vault(name: String = "vault"): Path = vaults.resolve(name)

    fun save(name: String, value: Any?) {
        if (value == null) saved.remove(name) else saved[name] = value
    }

    fun found(name: String): Any? = saved[name]

    inline fun <reified T : Any> get(name: String): T =
        found(name) as? T ?: throw AssertionError("$name is no ${T::class.simpleName} here")

    /** `name` as it was saved, or a field of it, as plain values. */
    fun named(path: String): Any? {
        val parts = path.split('.')
        val whole = found(parts.first())
        if (parts.size == 1) return whole
        return parts.drop(1).fold(plain(whole)) { value, part ->
            when (value) {
                is Map<*, *> -> value[part]
                is List<*> -> value[part.toInt()]
                else -> throw AssertionError("$path: there is no $part")
            }
        }
    }

    fun atEnd(ending: () -> Unit) = endings.addFirst(ending)

    private fun end() {
        isOver.countDown()
        saved.values.filterIsInstance<AutoCloseable>().sortedBy { it is FieldBook }.forEach { runCatching { it.close() } }
        endings.forEach { runCatching(it) }
    }

    companion object {
        fun inNewFolder(run: (Scene) -> Unit) {
            val folder = Files.createTempDirectory("grid-contract").toRealPath()
            val scene = Scene(folder)
            try {
                run(scene)
            } finally {
                scene.end()
                folder.toFile().deleteRecursively()
            }
        }

        fun copy(from: Path, to: Path) {
            to.parent.createDirectories()
            from.toFile().copyRecursively(to.toFile())
        }
    }
}

/** What stands in the environment, with what to do when it does not. */
internal fun environment(name: String): String =
    System.getenv(name) ?: throw AssertionError("$name is not set: run the cases with scripts/bindings-kotlin")

internal fun JsonNode.text(field: String): String? = this[field]?.textValue()
