internal import NetworkTypes

/// What carries requests to an API server: HTTPS over the network, or a function call within the process.
package protocol APITransport: Sendable {
  /// Sends a request and collects the whole answer. An HTTP status of 400 and above is an answer, not an error; throws
  /// ``APIError`` where no answer came, and `CancellationError` where the task was cancelled first.
  func send(_ request: APIRequest) async throws -> APIResponse

  /// Sends a request whose answer goes on until one side ends it: a watch, a log. Returns as soon as the head is
  /// there. Dropping the stream, or cancelling the task that reads it, ends the request.
  func stream(_ request: APIRequest) async throws -> APIStream
}

/// The verbs of HTTP that the Kubernetes API uses.
package enum HTTPVerb: String, Sendable, Hashable {
  case get = "GET"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
}

/// A name with a value: a header or a query parameter.
package struct NamedValue: Sendable, Hashable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

package struct APIRequest: Sendable {
  package var verb: HTTPVerb
  /// Without query, not percent-encoded: `/api/v1/namespaces/default/pods`.
  package var path: String
  /// Not percent-encoded.
  package var query: [NamedValue]
  /// Beyond `Host`, `Authorization` and `Content-Length`, which the transport knows.
  package var headers: [NamedValue]
  package var body: [UInt8]?
  /// How long ``APITransport/send(_:)`` waits for the whole answer, and ``APITransport/stream(_:)`` for its head.
  package var timeout: Duration

  package static let defaultTimeout = Duration.seconds(10)

  package init(
    _ verb: HTTPVerb, _ path: String, query: [NamedValue] = [], headers: [NamedValue] = [], body: [UInt8]? = nil,
    timeout: Duration = APIRequest.defaultTimeout
  ) {
    self.verb = verb
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.timeout = timeout
  }

  /// Path and query as the request line of HTTP has them, percent-encoded (RFC 3986).
  package var target: String {
    var text = PercentEncoding.encode(path, keepingSlash: true)
    for (index, parameter) in query.enumerated() {
      text += index == 0 ? "?" : "&"
      text += PercentEncoding.encode(parameter.name) + "=" + PercentEncoding.encode(parameter.value)
    }
    return text
  }
}

package struct APIResponse: Sendable {
  package let status: Int
  package let headers: [NamedValue]
  package let body: [UInt8]

  package init(status: Int, headers: [NamedValue] = [], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

package struct APIStream: Sendable {
  package let status: Int
  package let headers: [NamedValue]
  /// The answer's bytes in pieces of any size; finishes where the server ended the answer properly, throws
  /// ``APIError`` where the connection broke.
  package let body: AsyncThrowingStream<[UInt8], any Error>

  package init(status: Int, headers: [NamedValue] = [], body: AsyncThrowingStream<[UInt8], any Error>) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
