package import HTTPTypes
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Calls the agents of nodes on their kubelet port: one connection for each call, as calls are rare and long.
package struct NodeClient: Sendable {
  private let context: NIOSSLContext
  private let group: any EventLoopGroup

  /// `identity` is what the agents know this server by, `authority` the PEM their certificates are verified with.
  package init(
    identity: CertifiedKey, authority: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) throws {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
      .map { .certificate($0) }
    tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.privateKey.utf8), format: .pem))
    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
    context = try NIOSSLContext(configuration: tls)
    self.group = group
  }

  /// Sends a request to `host`, an address, and returns the answer as soon as its head is there. Where the request
  /// asked for an upgrade and got it, the body is a tunnel. Throws where the node does not answer.
  package func send(
    _ method: HTTPRequest.Method, host: String, port: Int, target: String, headers: HTTPFields = [:],
    body: ByteBuffer = ByteBuffer()
  ) async throws -> APIServerResponse {
    let answer = group.next().makePromise(of: APIServerResponse.self)
    let channel: any Channel
    do {
      channel = try await ClientBootstrap(group: group).connectTimeout(.seconds(5))
        .channelOption(.socketOption(.tcp_nodelay), value: 1)
        .channelOption(.autoRead, value: false)
        .channelInitializer { [context] channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
            try pipeline.addHandler(HTTPRequestEncoder(), name: HTTPUpgrader.encoder)
            try pipeline.addHandler(
              ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes)),
              name: HTTPUpgrader.decoder)
            try pipeline.addHandler(NodeAnswerHandler(answer: answer), name: HTTPUpgrader.edge)
          }
        }
        .connect(host: host, port: port).get()
    } catch {
      answer.fail(error)
      throw error
    }
    var head = HTTPRequestHead(version: .http1_1, method: .RAW(value: method.rawValue), uri: target)
    head.headers.add(name: "Host", value: "\(host):\(port)")
    for field in headers { head.headers.add(name: field.name.rawName, value: field.value) }
    if body.readableBytes > 0 {
      head.headers.replaceOrAdd(name: "Content-Length", value: String(body.readableBytes))
    }
    channel.write(HTTPClientRequestPart.head(head), promise: nil)
    if body.readableBytes > 0 { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    channel.read()
    return try await withTaskCancellationHandler {
      try await answer.futureResult.get()
    } onCancel: {
      channel.close(promise: nil)
    }
  }
}
