package cn.gridfieldbook.contract

import cn.gridfieldbook.CancelToken
import cn.gridfieldbook.HttpAnswer
import cn.gridfieldbook.HttpHeader
import cn.gridfieldbook.HttpRequest
import cn.gridfieldbook.LinkProblem
import cn.gridfieldbook.Transport
import grid.fieldbook.ffi.TransportException
import java.io.IOException
import java.net.ConnectException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration
import java.net.http.HttpRequest as JavaRequest

/** Java's own HTTP client to one platform, as an app would carry requests. */
internal class Carrier(private val base: String) : Transport {
    private val client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .build()

    override fun send(request: HttpRequest, cancel: CancelToken): HttpAnswer = send(request)

    fun send(request: HttpRequest): HttpAnswer {
        val asked = JavaRequest.newBuilder(URI(base + request.path))
            .timeout(Duration.ofSeconds(30))
            .method(request.method.name, BodyPublishers.ofByteArray(request.body))
        // The client counts the body itself.
        request.headers.filter { it.name != "content-length" }.forEach { asked.header(it.name, it.value) }
        try {
            val answer = client.send(asked.build(), BodyHandlers.ofByteArray())
            val headers = answer.headers().map().flatMap { (name, values) -> values.map { HttpHeader(name, it) } }
            return HttpAnswer(answer.statusCode().toUShort(), headers, answer.body())
        } catch (_: ConnectException) {
            throw TransportException.NoLink(LinkProblem.NOTHING_LISTENS)
        } catch (_: IOException) {
            throw TransportException.NoLink(LinkProblem.LOST)
        }
    }

    override fun authority(): ByteArray? = null
}
