import FieldBook
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Carries requests over URLSession to a platform on loopback. It blocks its thread, which is the library's own.
final class Web: Transport {
    private let base: URL

    init(_ base: URL) { self.base = base }

    func send(request: HttpRequest, cancel: CancelToken) throws -> HttpAnswer {
        switch carry(request) {
        case .success(let answer): return answer
        case .failure(let failed): throw TransportError.NoLink(problem: failed.problem)
        }
    }

    func authority() throws -> Data? { nil }

    struct NoAnswer: Error { let problem: LinkProblem }

    func carry(_ request: HttpRequest) -> Result<HttpAnswer, NoAnswer> {
        guard let url = URL(string: request.path, relativeTo: base) else { return .failure(NoAnswer(problem: .badAddress)) }
        var asked = URLRequest(url: url)
        asked.httpMethod =
            switch request.method {
            case .head: "HEAD"
            case .post: "POST"
            case .patch: "PATCH"
            }
        for header in request.headers { asked.setValue(header.value, forHTTPHeaderField: header.name) }
        if request.method != .head { asked.httpBody = request.body }
        asked.timeoutInterval = 30
        let exchange = Exchange()
        let session = URLSession(configuration: .ephemeral, delegate: exchange, delegateQueue: nil)
        session.dataTask(with: asked).resume()
        exchange.ended.wait()
        session.finishTasksAndInvalidate()
        return exchange.result()
    }
}

/// One request with what came back, whole or cut.
private final class Exchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    let ended = Gate()
    // Touched by the session's own queue, and read after the gate has opened.
    private var response: HTTPURLResponse?
    private var body = Data()
    private var error: (any Error)?

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        self.response = response as? HTTPURLResponse
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) { body.append(data) }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        // A redirect is an answer of somebody else.
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        self.error = error
        if response == nil { response = task.response as? HTTPURLResponse }
        ended.open()
    }

    func result() -> Result<HttpAnswer, Web.NoAnswer> {
        guard let response else { return .failure(Web.NoAnswer(problem: problem)) }
        let headers = response.allHeaderFields.map { HttpHeader(name: "\($0.key)".lowercased(), value: "\($0.value)") }
        return .success(
            HttpAnswer(status: UInt16(response.statusCode), headers: headers, body: body, isCut: error != nil))
    }

    private var problem: LinkProblem {
        switch (error as? URLError)?.code {
        case .cannotConnectToHost: .nothingListens
        case .cannotFindHost: .nameUnknown
        case .dnsLookupFailed: .nameSilent
        case .notConnectedToInternet: .unreachable
        default: .lost
        }
    }
}
