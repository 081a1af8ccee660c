import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix

/// Fetches logs from the agents.
struct AgentProxy: NodeProxy {
  let dialer: AgentDialer
  /// An agent's refusal is read up to this many bytes.
  private static let maximumMessage = 64 << 10

  func logs(_ request: ResourceRequest, registry: Registry) async throws(APIStatus) -> APIServerResponse {
    let target = try StreamTarget(request, registry: registry)
    let loop = dialer.group.next()
    let promise = loop.makePromise(of: HTTPResponseHead.self)
    let handler = AgentResponseHandler(head: promise)
    let channel: any Channel
    do {
      channel = try await dialer.connect(target.backend) { channel in
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(handler)
      }
    } catch {
      promise.fail(error)
      throw error
    }
    let head: HTTPResponseHead
    do {
      let headers: HTTPHeaders = ["Host": "\(target.address):\(target.port)", "Accept": "*/*"]
      let line = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.target, headers: headers)
      // In one go: a head alone is a whole request, whose answer could close the connection before the end is written.
      channel.write(HTTPClientRequestPart.head(line), promise: nil)
      try await channel.writeAndFlush(HTTPClientRequestPart.end(nil)).get()
      head = try await promise.futureResult.get()
    } catch {
      channel.close(promise: nil)
      throw .internalError("the agent at \(target.address):\(target.port) did not answer: \(error)")
    }
    guard head.status == .ok else {
      let text = await Self.text(of: handler)
      throw Self.refusal(code: Int(head.status.code), text)
    }
    return APIServerResponse(headers: [.contentType: "text/plain"], body: .stream(handler))
  }

  private static func text(of stream: any ResponseStream) async -> String {
    var text = ByteBuffer()
    while text.readableBytes < maximumMessage, let part = try? await stream.next() { text.writeImmutableBuffer(part) }
    stream.cancel()
    return String(buffer: text)
  }

  /// An agent's refusal as upstream passes it on.
  static func refusal(code: Int, _ text: String) -> APIStatus {
    let reasons = [400: "BadRequest", 403: "Forbidden", 404: "NotFound", 503: "ServiceUnavailable"]
    let message = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n")
    return APIStatus(
      code: code, reason: reasons[code] ?? "InternalError",
      message: message.isEmpty ? "the agent answered with status \(code)" : message)
  }
}
