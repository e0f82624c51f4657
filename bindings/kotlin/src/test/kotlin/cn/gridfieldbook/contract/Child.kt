package cn.gridfieldbook.contract

import cn.gridfieldbook.FieldBook
import cn.gridfieldbook.FieldBookException
import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** Another process of this runner: opens a vault, counts, and ends without closing anything. */
fun main(arguments: Array<String>): Unit = runBlocking {
    val (folder, times) = arguments
    val said = try {
        val book = FieldBook.open(folder, PlainKeys())
        repeat(times.toInt()) { book.count(Fakes.ONE_RESCUED) }
        "opened"
    } catch (error: FieldBookException) {
        Calls.label(error)
    }
    println(said)
    System.out.flush()
    Runtime.getRuntime().halt(0)
}

internal object Child {
    /** What another process says that opens the vault and counts. */
    fun run(vault: Path, times: Int): String {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val library = "-Djna.library.path=" + System.getProperty("jna.library.path")
        val classes = System.getProperty("java.class.path")
        val process = ProcessBuilder(java, library, "-cp", classes, MAIN, vault.toString(), "$times")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
        val said = process.inputReader().readText().trim()
        if (!process.waitFor(60, TimeUnit.SECONDS)) process.destroyForcibly()
        return said
    }

    private const val MAIN = "cn.gridfieldbook.contract.ChildKt"
}
