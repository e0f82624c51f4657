package cn.gridfieldbook.contract

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.json.JsonMapper
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.writeText

/** Every case of `tests/contract/cases`, one test each. `GRID_CONTRACT_ONLY` chooses those whose name holds it. */
class ContractTest {
    @TestFactory
    fun contract(): List<DynamicTest> =
        cases().filter { only in it.name }
            .map { case -> DynamicTest.dynamicTest(case.name) { run(case) } }

    private class Case(val name: String, val steps: List<JsonNode>)

    private fun cases(): List<Case> {
        val folder = Path.of(System.getProperty("grid.cases"))
        return folder.listDirectoryEntries("*.json").sorted()
            .flatMap { json.readTree(it.toFile())["cases"] }
            .map { Case(it["name"].textValue(), it["steps"].toList()) }
    }

    private fun run(case: Case) {
        val failed = runCatching { inScene(case) }.exceptionOrNull()
        results += mapOf("name" to case.name, "ok" to (failed == null), "detail" to failed?.message.orEmpty())
        failed?.let { throw it }
    }

    private fun inScene(case: Case) = Scene.inNewFolder { scene ->
        val steps = Steps(scene)
        case.steps.forEachIndexed { index, step ->
            try {
                steps.run(step)
            } catch (failed: Throwable) {
                throw AssertionError("step ${index + 1}, ${step.toString().take(STEP_SHOWN_MAX)}: $failed", failed)
            }
        }
    }

    private companion object {
        const val STEP_SHOWN_MAX = 300
        val json = JsonMapper()
        val only: String = System.getenv("GRID_CONTRACT_ONLY").orEmpty()
        val results = mutableListOf<Map<String, Any>>()

        @AfterAll
        @JvmStatic
        fun writeResults() {
            val file = Path.of(System.getenv("GRID_CONTRACT_RESULTS") ?: return)
            file.toAbsolutePath().parent.createDirectories()
            file.writeText(json.writeValueAsString(mapOf("runner" to "kotlin", "results" to results)))
        }
    }
}
