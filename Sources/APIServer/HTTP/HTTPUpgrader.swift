import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Takes HTTP off an HTTP/1.1 connection after a `101 Switching Protocols` and joins it to another channel.
final class HTTPUpgrader: Sendable {
  private let channel: any Channel

  static let encoder = "http.encoder"
  static let decoder = "http.decoder"
  static let pipelining = "http.pipelining"
  static let codec = "http.codec"
  static let edge = "http.edge"

  init(channel: any Channel) { self.channel = channel }

  /// Sets HTTP/1.1 up on a connection whose TLS handshake is done.
  static func configure(_ channel: any Channel, handler: any RequestHandling, connection: HTTPConnection) throws {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(HTTPResponseEncoder(), name: encoder)
    try pipeline.addHandler(
      ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)), name: decoder)
    try pipeline.addHandler(HTTPServerPipelineHandler(), name: pipelining)
    try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: true), name: codec)
    try pipeline.addHandler(
      HTTPRequestHandler(handler: handler, connection: connection, upgrader: HTTPUpgrader(channel: channel)),
      name: edge)
  }

  /// Sends the head of `response` and from then on copies bytes between the client and `peer`, until either closes.
  func upgrade(_ response: APIServerResponse, to peer: any Channel) {
    let channel = channel
    var head = "HTTP/1.1 101 Switching Protocols\r\n"
    for field in response.headers { head += "\(field.name.rawName): \(field.value)\r\n" }
    head += "\r\n"
    let text = head
    let removed = [Self.encoder, Self.codec, Self.pipelining, Self.edge].map { channel.pipeline.removeHandler(name: $0) }
    EventLoopFuture.andAllSucceed(removed, on: channel.eventLoop)
      .flatMap { channel.writeAndFlush(ByteBuffer(string: text)) }
      .flatMap { GlueHandler.join(channel, peer) }
      // Last: it hands on what the client has sent after its request.
      .flatMap { channel.pipeline.removeHandler(name: Self.decoder) }
      .whenFailure { _ in
        channel.close(promise: nil)
        peer.close(promise: nil)
      }
  }
}
