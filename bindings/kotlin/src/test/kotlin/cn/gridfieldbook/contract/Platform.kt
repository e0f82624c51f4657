package cn.gridfieldbook.contract

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.json.JsonMapper
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** A real platform on loopback, in a process of its own, asked by lines of JSON. */
internal class Platform(folder: Path) : AutoCloseable {
    private val process = ProcessBuilder(environment("GRID_CONTRACT_TOOL"), "serve", folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
    private val asks = process.outputWriter()
    private val answers = process.inputReader()

    val url: String = answer().text("url").orEmpty()

    fun ask(what: String, arguments: JsonNode?): JsonNode {
        val line = json.createObjectNode().put("ask", what)
        arguments?.properties()?.forEach { (name, value) -> line.set<JsonNode>(name, value) }
        asks.write("$line\n")
        asks.flush()
        return answer().also { if (it.has("error")) throw AssertionError("the platform: ${it["error"]}") }
    }

    private fun answer(): JsonNode = json.readTree(answers.readLine() ?: throw AssertionError("the platform has ended"))

    override fun close() {
        runCatching { asks.use { it.write("{\"ask\":\"stop\"}\n") } }
        if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly()
    }

    private companion object {
        val json = JsonMapper()
    }
}
