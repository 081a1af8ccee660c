import APIClient
import APIServer
import HTTPTypes
import NIOCore

/// Carries a client's requests to the server in the same process: no socket, no TLS, no second encoding.
struct InProcessTransport: APITransport {
  let handler: RequestHandler
  let user: User

  func send(_ request: APIRequest) async throws -> APIResponse {
    let response = await handler.handle(serverRequest(request))
    try Task.checkCancellation()
    let body: [UInt8]
    switch response.body {
    case .buffer(let buffer): body = Array(buffer.readableBytesView)
    case .stream(let stream):
      defer { stream.cancel() }
      var bytes: [UInt8] = []
      while let part = try await stream.next() { bytes.append(contentsOf: part.readableBytesView) }
      body = bytes
    }
    return APIResponse(status: response.status.code, headers: Self.headers(response), body: body)
  }

  func stream(_ request: APIRequest) async throws -> APIStream {
    let response = await handler.handle(serverRequest(request))
    let (body, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
    switch response.body {
    case .buffer(let buffer):
      continuation.yield(Array(buffer.readableBytesView))
      continuation.finish()
    case .stream(let source):
      // Joined by the reader: dropping the stream ends the source, and with it this task.
      let pump = Task {
        do {
          while let part = try await source.next() { continuation.yield(Array(part.readableBytesView)) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in
        source.cancel()
        pump.cancel()
      }
    }
    return APIStream(status: response.status.code, headers: Self.headers(response), body: body)
  }

  private func serverRequest(_ request: APIRequest) -> APIServerRequest {
    var headers = HTTPFields()
    for header in request.headers {
      if let name = HTTPField.Name(header.name) { headers.append(HTTPField(name: name, value: header.value)) }
    }
    return APIServerRequest(
      method: HTTPRequest.Method(rawValue: request.verb.rawValue) ?? .get, target: request.target, headers: headers,
      body: request.body.map { ByteBuffer(bytes: $0) } ?? ByteBuffer(), user: user)
  }

  private static func headers(_ response: APIServerResponse) -> [NamedValue] {
    response.headers.map { NamedValue($0.name.rawName, $0.value) }
  }
}
