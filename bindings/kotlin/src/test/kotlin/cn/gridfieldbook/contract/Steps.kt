package cn.gridfieldbook.contract

import cn.gridfieldbook.CancelToken
import cn.gridfieldbook.FieldBook
import cn.gridfieldbook.LockedBook
import cn.gridfieldbook.SyncSession
import cn.gridfieldbook.recover
import cn.gridfieldbook.setLog
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.json.JsonMapper
import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import kotlin.io.path.exists

/** The steps of a case: calls, and what the runner itself does. */
internal class Steps(private val scene: Scene) {
    private val calls = Calls(scene)
    private val fakes = Fakes(scene)
    private val disk = Disk(scene)
    private val threads = Threads(scene, calls)

    fun run(step: JsonNode) {
        when (val what = step.text("do")) {
            null -> calls.run(step)
            "open" -> open(step)
            "open_locked" -> ended(step) { LockedBook.open(folder(step), fakes.clock(scene.resolved(step["clock"]))) }
            "recover" -> ended(step) { recover(folder(step), keys(step), fakes.clock(scene.resolved(step["clock"]))) }
            "let_go" -> letGo(name(step, "of"))
            "new_token" -> scene.save(name(step, "as"), CancelToken())
            "platform" -> platform(step)
            "ask" -> calls.judge(step, Result.success(platformOf(step, "of").ask(name(step, "what"), step["args"])))
            "prepared_vault" -> Scene.copy(prepared().resolve("vault"), scene.vault())
            "prepared_state" -> scene.save(name(step, "save"), JSON.readTree(prepared().resolve("expected.json").toFile()))
            "newer_schema" -> newerSchema(step["version"].intValue())
            "carry" -> carry(scene.get(name(step, "of")), platformOf(step, "to"))
            "compare" -> Expecting.check(scene.resolved(step["left"]), scene.resolved(step["right"]))
            "seen" -> Expecting.check(scene.resolved(step["expect"]), scene.get<Seen>(name(step, "of")).list.toList())
            "set_log" -> log(step.text("then"))
            "exists" -> calls.judge(step, Result.success(disk.file(step).exists()))
            "child_open" -> calls.judge(step, Result.success(Child.run(vault(step), times = 0)))
            "kill_child" -> Expecting.check("opened", Child.run(vault(step), step["times"].intValue()))
            in Disk.STEPS -> calls.judge(step, Result.success(disk.run(step)))
            in Threads.STEPS -> threads.run(step)
            else -> throw AssertionError("no step of the contract: $what")
        }
    }

    private fun open(step: JsonNode) {
        val clock = fakes.clock(scene.resolved(step["clock"]))
        ended(step, "book") { FieldBook.open(folder(step), keys(step), clock) }
    }

    /** Judges what the runner did as if it were a call, and saves what it gave. */
    private fun ended(step: JsonNode, named: String? = null, call: suspend () -> Any?) {
        val ended = calls.attempt { runBlocking { call() } }
        calls.judge(step, ended)
        val name = step.text("as") ?: named
        if (name != null && ended.isSuccess) scene.save(name, ended.getOrNull())
    }

    /** Frees the library's object without closing anything first, as a forgotten one is. */
    private fun letGo(name: String) {
        when (val forgotten = scene.get<Any>(name)) {
            is FieldBook -> forgotten.inner.close()
            is AutoCloseable -> forgotten.close()
        }
        scene.save(name, null)
    }

    private fun platform(step: JsonNode) {
        val name = step.text("as") ?: "platform"
        val folder = scene.folder.resolve("platform-$name")
        if (step.text("from") == "prepared") Scene.copy(prepared().resolve("platform"), folder)
        scene.save(name, Platform(folder))
    }

    private fun platformOf(step: JsonNode, field: String): Platform = scene.get(step.text(field) ?: "platform")

    private fun newerSchema(version: Int) {
        val key = PlainKeys().unwrap(scene.vault().resolve("key").toFile().readBytes())
        val tool = environment("GRID_CONTRACT_TOOL")
        val ended = ProcessBuilder(tool, "newer-schema", scene.vault().toString(), HEX.print(key), "$version").inheritIO().start()
        Expecting.check(0.toBigInteger(), ended.waitFor())
    }

    private fun carry(session: SyncSession, platform: Platform) = runBlocking {
        val carrier = Carrier(platform.url)
        generateSequence { runBlocking { session.nextRequest() } }.forEach { session.answer(carrier.send(it)) }
    }

    private fun log(then: String?) {
        val seen = Seen().also { scene.save("log", it) }
        scene.atEnd { setLog(null) }
        when (then) {
            null -> setLog(null)
            "keep" -> setLog { seen.list += it.part }
            "throw" -> setLog { throw IllegalStateException(Fakes.PRIVATE) }
            "block" -> setLog { scene.isOver.await() }
            else -> throw AssertionError("no such log: $then")
        }
    }

    private fun name(step: JsonNode, field: String): String = step.text(field) ?: throw AssertionError("$field is missing")

    private fun keys(step: JsonNode) = scene.keys(step.text("keys") ?: "plain")

    private fun vault(step: JsonNode): Path = scene.vault(step.text("vault") ?: "vault")

    private fun folder(step: JsonNode): String = step.text("folder") ?: vault(step).toString()

    private fun prepared(): Path = Path.of(environment("GRID_CONTRACT_PREPARED"))

    private companion object {
        val JSON = JsonMapper()
    }
}
