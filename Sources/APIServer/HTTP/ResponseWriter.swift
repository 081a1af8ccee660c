import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Sends one answer, holding a stream back while the client does not read.
struct ResponseWriter: Sendable {
  let channel: any Channel
  let request: HTTPRequest

  /// Returns when the answer is sent or the client is gone.
  func send(_ response: APIServerResponse) async {
    switch response.body {
    case .buffer(let body):
      try? await send(response, body).get()  // An error means that nobody is there to be told.
    case .stream(let stream): await send(response, stream)
    case .tunnel(let peer): peer.close(promise: nil)
    }
  }

  func send(_ response: APIServerResponse, _ body: ByteBuffer) -> EventLoopFuture<Void> {
    var head = HTTPResponse(status: response.status, headerFields: response.headers)
    head.headerFields[.contentLength] = String(body.readableBytes)
    channel.write(HTTPResponsePart.head(head), promise: nil)
    if request.method != .head, body.readableBytes > 0 { channel.write(HTTPResponsePart.body(body), promise: nil) }
    return channel.writeAndFlush(HTTPResponsePart.end(nil))
  }

  private func send(_ response: APIServerResponse, _ stream: any ResponseStream) async {
    await withTaskCancellationHandler {
      do {
        let head = HTTPResponse(status: response.status, headerFields: response.headers)
        channel.writeAndFlush(HTTPResponsePart.head(head), promise: nil)
        if request.method != .head {
          while let part = try await stream.next() {
            // Waiting for the flush is the backpressure: the next part is not asked for before this one has left.
            try await channel.writeAndFlush(HTTPResponsePart.body(part)).get()
          }
        }
        try await channel.writeAndFlush(HTTPResponsePart.end(nil)).get()
      } catch {
        // The head is out, so a failure can only be shown by breaking off.
        channel.close(promise: nil)
      }
      stream.cancel()
    } onCancel: {
      stream.cancel()
    }
  }

  /// Closes the connection where the client wanted that, or where it has not said who it is: such a one shall not keep
  /// a connection busy.
  func closeIfAsked(_ response: APIServerResponse, _ connection: HTTPConnection) {
    let wants = request.headerFields[.connection]?.lowercased().contains("close") ?? false
    if wants {
      channel.close(promise: nil)
    } else if response.status.code == 401, connection.user == nil {
      connection.channel.close(promise: nil)
    } else if request.headerFields[.upgrade] != nil {
      // The parser has stopped at the request to upgrade, which was declined.
      channel.close(promise: nil)
    }
  }
}
