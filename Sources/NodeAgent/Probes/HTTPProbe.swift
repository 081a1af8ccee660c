import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One GET; a status from 200 to 399 is success. Certificates are not checked, as upstream's probes do not.
struct HTTPProbe: Sendable {
  let scheme: String
  let host: String
  let port: Int
  let path: String
  let headers: [(String, String)]
  let timeout: Duration

  private var url: String {
    "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path.hasPrefix("/") ? "" : "/")\(path)"
  }

  func run(group: any EventLoopGroup) async -> ProbeResult {
    let loop = group.next()
    let answer = loop.makePromise(of: HTTPResponseStatus.self)
    let deadline = loop.scheduleTask(in: TimeAmount(timeout)) {
      answer.fail(ChannelError.connectTimeout(TimeAmount(timeout)))
    }
    defer { deadline.cancel() }
    do {
      let channel = try await ClientBootstrap(group: loop).connectTimeout(TimeAmount(timeout))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            if scheme == "https" {
              var configuration = TLSConfiguration.makeClientConfiguration()
              configuration.certificateVerification = .none
              let context = try NIOSSLContext(configuration: configuration)
              try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
            }
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(HTTPProbeHandler(answer))
          }
        }
        .connect(host: host, port: port).get()
      var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path.hasPrefix("/") ? path : "/" + path)
      let named = Set(headers.map { $0.0.lowercased() })
      if !named.contains("host") { head.headers.add(name: "Host", value: "\(host):\(port)") }
      if !named.contains("user-agent") { head.headers.add(name: "User-Agent", value: "kube-probe/1.36") }
      if !named.contains("accept") { head.headers.add(name: "Accept", value: "*/*") }
      head.headers.add(name: "Connection", value: "close")
      for (name, value) in headers { head.headers.add(name: name, value: value) }
      channel.write(HTTPClientRequestPart.head(head), promise: nil)
      channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
      defer { channel.close(promise: nil) }
      let status = try await answer.futureResult.get()
      return (200..<400).contains(status.code)
        ? ProbeResult(isSuccess: true)
        : ProbeResult(isSuccess: false, message: "HTTP probe failed with statuscode: \(status.code)")
    } catch {
      answer.fail(error)
      return ProbeResult(isSuccess: false, message: "Get \"\(url)\": \(Self.reason(error))")
    }
  }

  /// The part of an error a reader can use.
  static func reason(_ error: any Error) -> String {
    if let error = error as? NIOConnectionError, let first = error.connectionErrors.first { return reason(first.error) }
    if let error = error as? IOError { return error.errnoCode == 111 ? "connect: connection refused" : "\(error)" }
    if case .connectTimeout? = error as? ChannelError { return "context deadline exceeded" }
    return "\(error)"
  }
}

private final class HTTPProbeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let answer: EventLoopPromise<HTTPResponseStatus>

  init(_ answer: EventLoopPromise<HTTPResponseStatus>) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) { answer.succeed(head.status) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    answer.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.fail(ChannelError.eof)
    context.fireChannelInactive()
  }
}
