import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import APIClient

@Suite struct HTTPExchangeTests {
  /// A server may end a connection between its lease and the first byte of the request.
  @Test func aRequestOnAConnectionThatHasClosedFails() throws {
    let channel = EmbeddedChannel()
    try channel.pipeline.syncOperations.addHandler(HTTPExchangeHandler(server: "server"))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    try channel.close().wait()
    channel.embeddedEventLoop.run()
    let promise = channel.eventLoop.makePromise(of: HTTPExchange.Answer.self)
    var failure: (any Error)?
    promise.futureResult.whenFailure { failure = $0 }
    HTTPExchange(
      head: HTTPRequestHead(version: .http1_1, method: .GET, uri: "/"), body: nil, timeout: .seconds(1),
      sink: .whole(promise)
    ).send(on: channel)
    channel.embeddedEventLoop.run()
    #expect((failure as? APIError)?.code == .connection)
    promise.fail(CancellationError())
  }
}
