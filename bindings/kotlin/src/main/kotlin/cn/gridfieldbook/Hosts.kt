package cn.gridfieldbook

import grid.fieldbook.ffi.HostException
import grid.fieldbook.ffi.Log
import grid.fieldbook.ffi.ProgressListener
import grid.fieldbook.ffi.TransportException

/** Whether this thread is inside code of the app that the library called. */
internal object InsideHost {
    private val depth = ThreadLocal<Int>()

    val isHere: Boolean get() = depth.get() != null

    /** Runs code of the app. */
    inline fun <T> run(call: () -> T): T {
        val outer = enter()
        try {
            return call()
        } finally {
            leave(outer)
        }
    }

    fun enter(): Int? = depth.get().also { depth.set((it ?: 0) + 1) }

    fun leave(outer: Int?) {
        if (outer == null) depth.remove() else depth.set(outer)
    }
}

/** Runs code of the app; all that it throws crosses the border as a [HostException], errors of the JVM, too. */
private inline fun <T> hosted(call: () -> T): T =
    InsideHost.run {
        try {
            call()
        } catch (told: HostException) {
            throw told
        } catch (thrown: Throwable) {
            throw HostException.Failed(className(thrown))
        }
    }

/** All that is told of what an app threw: its text may hold anything. */
private fun className(thrown: Throwable): String = thrown.javaClass.simpleName.ifEmpty { "an exception" }

internal class HostedKeys(private val host: KeyVault) : KeyVault {
    override fun wrap(key: ByteArray): ByteArray = hosted { host.wrap(key) }

    override fun unwrap(wrapped: ByteArray): ByteArray = hosted { host.unwrap(wrapped) }
}

internal class HostedClock(private val host: HostClock) : HostClock {
    override fun now(): ClockReading = hosted { host.now() }
}

internal class HostedProgress(private val host: (SyncProgress) -> Unit) : ProgressListener {
    override fun onProgress(progress: SyncProgress): Unit = hosted { host(progress) }
}

internal class HostedLog(private val host: (LogLine) -> Unit) : Log {
    override fun log(line: LogLine): Unit = hosted { host(line) }
}

internal class HostedTransport(private val host: Transport) : Transport {
    override fun send(request: HttpRequest, cancel: CancelToken): HttpAnswer =
        cancel.use { carried { host.send(request, it) } }

    override fun authority(): ByteArray? = carried { host.authority() }

    private inline fun <T> carried(call: () -> T): T =
        InsideHost.run {
            try {
                call()
            } catch (told: TransportException) {
                throw told
            } catch (thrown: Throwable) {
                throw TransportException.Failed(className(thrown))
            }
        }
}
