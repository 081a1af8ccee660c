package import HTTPTypes
package import JSONTree
package import NIOCore

/// The answer to an ``APIServerRequest``.
package struct APIServerResponse: Sendable {
  package enum Body: Sendable {
    case buffer(ByteBuffer)
    /// Sent as it comes, until it ends.
    case stream(any ResponseStream)
  }

  package var status: HTTPResponse.Status
  package var headers: HTTPFields
  package var body: Body

  package init(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: Body) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  package init(json: JSON, code: Int = 200, indented: Bool = false) {
    var bytes = json.encoded(indented: indented)
    bytes.append(0x0a)
    self.init(encoded: ByteBuffer(bytes: bytes), code: code)
  }

  package init(encoded: ByteBuffer, code: Int = 200, contentType: String = "application/json") {
    self.init(
      status: HTTPResponse.Status(code: code), headers: [.contentType: contentType], body: .buffer(encoded))
  }

  package init(text: String, code: Int = 200) {
    self.init(
      status: HTTPResponse.Status(code: code),
      headers: [.contentType: "text/plain; charset=utf-8", .xContentTypeOptions: "nosniff"],
      body: .buffer(ByteBuffer(string: text)))
  }

  package init(_ status: APIStatus) {
    self.init(json: status.json, code: status.code)
    if let seconds = status.details?.retryAfterSeconds { headers[.retryAfter] = String(seconds) }
  }
}

/// A response body that is produced while it is sent.
package protocol ResponseStream: AnyObject, Sendable {
  /// The next bytes, as many as are ready; waits for at least some. `nil` at the end.
  /// Throws what ends the stream before its end, cancellation included.
  func next() async throws -> ByteBuffer?

  /// The receiver is gone or wants no more. May be called at any time, more than once.
  func cancel()
}
