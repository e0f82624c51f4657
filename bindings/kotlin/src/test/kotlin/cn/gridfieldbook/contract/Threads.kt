package cn.gridfieldbook.contract

import cn.gridfieldbook.CancelToken
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ObjectNode
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** Steps that make a call many times, or beside others. */
internal class Threads(private val scene: Scene, private val calls: Calls) {
    fun run(step: JsonNode) = when (step.text("do")) {
        "repeat" -> repeat(step["times"].intValue()) { calls.run(step["step"]) }
        "threads" -> together(step["times"].intValue(), step["step"])
        "until_error" -> untilError(step)
        "background" -> begin(step)
        "join" -> join(step, JOIN_WITHIN_MS)
        "cancel_within_ms" -> cancel(step)
        else -> throw AssertionError("no step of threads: $step")
    }

    private fun together(times: Int, step: JsonNode) {
        val begin = CountDownLatch(1)
        val pool = Executors.newFixedThreadPool(times)
        try {
            val made = List(times) { pool.submit { begin.await().also { calls.run(step) } } }
            begin.countDown()
            made.forEach { it.get(JOIN_WITHIN_MS, TimeUnit.MILLISECONDS) }
        } finally {
            pool.shutdownNow()
        }
    }

    private fun untilError(step: JsonNode) {
        val most = step["at_most"].intValue()
        var made = 0
        var ended = calls.attempt(step["step"])
        while (ended.isSuccess && ++made < most) ended = calls.attempt(step["step"])
        calls.judge(onlyError(step), ended)
        step.text("save")?.let { scene.save(it, made) }
    }

    private fun begin(step: JsonNode) {
        scene.asked.drainPermits()
        val call = FutureTask(Callable { calls.attempt(step["step"]) })
        thread(isDaemon = true, name = "background") { call.run() }
        scene.save(step.text("as").orEmpty(), call)
        if (step["until_asked"]?.booleanValue() == true && !scene.asked.tryAcquire(JOIN_WITHIN_MS, TimeUnit.MILLISECONDS)) {
            throw AssertionError("the transport was not asked")
        }
    }

    private fun cancel(step: JsonNode) {
        scene.get<CancelToken>(step.text("token").orEmpty()).cancel()
        join(step, step["ms"].longValue())
    }

    private fun join(step: JsonNode, withinMs: Long) {
        val call = scene.get<FutureTask<Result<Any?>>>(step.text("of").orEmpty())
        try {
            calls.judge(step, call.get(withinMs, TimeUnit.MILLISECONDS))
        } catch (failed: ExecutionException) {
            throw failed.cause ?: failed
        }
    }

    companion object {
        val STEPS = setOf("repeat", "threads", "until_error", "background", "join", "cancel_within_ms")
        private const val JOIN_WITHIN_MS = 60_000L

        /** The error that a step waits for, as a step of its own. */
        private fun onlyError(step: JsonNode): JsonNode =
            step.deepCopy<ObjectNode>().retain("error")
    }
}
