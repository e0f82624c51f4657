package cn.gridfieldbook.contract

import cn.gridfieldbook.Budget
import cn.gridfieldbook.CancelToken
import cn.gridfieldbook.ClockReading
import cn.gridfieldbook.CountDraft
import cn.gridfieldbook.FieldBook
import cn.gridfieldbook.FieldBookException
import cn.gridfieldbook.HostClock
import cn.gridfieldbook.HttpAnswer
import cn.gridfieldbook.HttpHeader
import cn.gridfieldbook.HttpRequest
import cn.gridfieldbook.LinkProblem
import cn.gridfieldbook.SyncProgress
import cn.gridfieldbook.Transport
import grid.fieldbook.ffi.TransportException
import kotlinx.coroutines.runBlocking
import java.math.BigInteger
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger

/** What a fake has seen, for the step `seen`. */
internal class Seen {
    val list = CopyOnWriteArrayList<String>()
}

internal class Fakes(private val scene: Scene) {
    /** A listener that does what the case says with each step of a sync, and remembers what came of it. */
    fun progress(fake: Map<String, Any?>): (SyncProgress) -> Unit {
        val seen = Seen().also { scene.save(fake["as"].toString(), it) }
        return {
            seen.list += when (val then = fake["then"]) {
                "look" -> told { book().status() }
                "count" -> told { book().count(ONE_RESCUED) }
                "sync" -> told { plain(book().sync(Budget()).outcome).toString() }
                "throw" -> throw IllegalStateException(PRIVATE).also { seen.list += "throw" }
                "nothing" -> "ok"
                else -> throw AssertionError("no such listener: $then")
            }
        }
    }

    fun transport(fake: Map<String, Any?>): Transport {
        fake["http"]?.let { return Carrier(scene.get<Platform>(it.toString()).url) }
        val seen = Seen().also { seen -> fake["as"]?.let { scene.save(it.toString(), seen) } }
        return Scripted(fake["script"] as List<*>, seen)
    }

    fun clock(kind: Any?): HostClock? = when (kind) {
        null -> null
        "throws" -> clock { throw IllegalStateException(PRIVATE) }
        "calls_book" -> callingClock()
        is Map<*, *> -> fixed(kind).let { reading -> clock { reading } }
        else -> throw AssertionError("no such clock: $kind")
    }

    private fun callingClock(): HostClock {
        val seen = Seen().also { scene.save("clock", it) }
        return clock {
            if (scene.found("book") != null) {
                seen.list += told { book().status() }
                seen.list += told { book().count(ONE_RESCUED) }
            }
            ClockReading(wallMs = 1_767_571_200_000, monoMs = 1_000, boot = 7u)
        }
    }

    private fun fixed(said: Map<*, *>) = ClockReading(
        wallMs = (said["wall_ms"] as BigInteger).longValueExact(),
        monoMs = (said["mono_ms"] as BigInteger).longValueExact(),
        boot = said["boot"].toString().toULong(),
    )

    private fun clock(now: () -> ClockReading): HostClock = object : HostClock {
        override fun now(): ClockReading = now()
    }

    private fun book(): FieldBook = scene.get("book")

    /** Answers one item after the other, the last one again and again. */
    private inner class Scripted(private val script: List<*>, private val seen: Seen) : Transport {
        private val sent = AtomicInteger()

        override fun send(request: HttpRequest, cancel: CancelToken): HttpAnswer {
            val item = script[minOf(sent.getAndIncrement(), script.lastIndex)] as Map<*, *>
            seen.list += "${pascal(request.method.name)} ${request.path}"
            scene.asked.release()
            return when (item.keys.first()) {
                "no_link" -> throw TransportException.NoLink(problem(item["no_link"]))
                "failed" -> throw TransportException.Failed(item["failed"].toString())
                "throws" -> throw IllegalStateException(PRIVATE)
                "blocks" -> blocked()
                "count" -> answer(mapOf("status" to BigInteger("503"))).also {
                    seen.list += told { book().count(ONE_RESCUED) }
                }
                else -> answer(item)
            }
        }

        override fun authority(): ByteArray? = null

        private fun blocked(): Nothing {
            scene.isOver.await()
            throw TransportException.Failed("the case is over")
        }
    }

    companion object {
        const val PRIVATE = "王五 13800000000"
        val ONE_RESCUED = CountDraft(kind = "rescued", value = 1, post = "DL-01")

        /** `ok`, the text that came, or the error's kind and what is in the way. */
        fun told(call: suspend () -> Any?): String =
            try {
                runBlocking { call() } as? String ?: "ok"
            } catch (error: FieldBookException) {
                Calls.label(error)
            }

        private fun problem(name: Any?): LinkProblem = LinkProblem.entries.first { pascal(it.name) == name }

        private fun answer(item: Map<*, *>): HttpAnswer {
            val headers = (item["headers"] as? Map<*, *>).orEmpty()
            return HttpAnswer(
                status = item["status"].toString().toUShort(),
                headers = headers.map { HttpHeader(it.key.toString(), it.value.toString()) },
                body = item["body"] as? ByteArray ?: ByteArray(0),
            )
        }
    }
}
