package import HTTPTypes
package import NIOCore

/// One request, free of any transport.
package struct APIServerRequest: Sendable {
  package var method: HTTPRequest.Method
  /// Path with its query, as on the request line.
  package var target: String
  package var headers: HTTPFields
  package var body: ByteBuffer
  /// Who asks, where the transport knows: the verified client certificate's subject, or the caller in the same process.
  package var user: User?
  /// The address that the request's connection comes from; `nil` inside the process.
  package var remoteAddress: String?

  package init(
    method: HTTPRequest.Method, target: String, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer(),
    user: User? = nil, remoteAddress: String? = nil
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    self.user = user
    self.remoteAddress = remoteAddress
  }
}
