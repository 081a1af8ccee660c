import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One GET of a probe or a hook. Certificates are not checked, and redirects are followed as long as they stay with the
/// host, as upstream does.
struct HTTPProbe: Sendable {
  let target: HTTPTarget
  let headers: [(String, String)]
  let timeout: Duration
  var userAgent = "kube-probe/1.36"

  struct Answer: Sendable, Hashable {
    var status: Int
    var location: String?
    /// Its beginning.
    var body: String
  }

  private struct Endless: Error {}

  private static let maximumRedirects = 10
  static let maximumBody = 10 << 10

  /// A status from 200 to 299 is success, one from 300 to 399 a success with a warning.
  func probe(group: any EventLoopGroup) async -> ProbeResult {
    do {
      let answer = try await get(group: group)
      switch answer.status {
      case 200..<300: return ProbeResult(isSuccess: true)
      case 300..<400:
        return ProbeResult(isSuccess: true, warning: "Probe terminated redirects, Response body: \(answer.body)")
      default: return ProbeResult(isSuccess: false, message: "HTTP probe failed with statuscode: \(answer.status)")
      }
    } catch {
      return failure(error)
    }
  }

  /// Any answer is success. A server that speaks no TLS is asked without, as upstream once did from the start.
  func hook(group: any EventLoopGroup) async -> ProbeResult {
    do {
      _ = try await get(group: group)
      return ProbeResult(isSuccess: true)
    } catch {
      guard target.scheme == "https", Self.isPlain(error) else { return failure(error) }
      var plain = target
      plain.scheme = "http"
      let second = HTTPProbe(target: plain, headers: headers, timeout: timeout, userAgent: userAgent)
      return await second.hook(group: group)
    }
  }

  private func failure(_ error: any Error) -> ProbeResult {
    ProbeResult(isSuccess: false, message: "Get \"\(target.url)\": \(Self.reason(error))")
  }

  /// Whether a server answered a TLS client with something else.
  private static func isPlain(_ error: any Error) -> Bool {
    guard let error = error as? NIOSSLError, case .handshakeFailed(let cause) = error else { return false }
    return "\(cause)".contains("WRONG_VERSION_NUMBER")
  }

  private func get(group: any EventLoopGroup) async throws -> Answer {
    let deadline = ContinuousClock.now + timeout
    var place = target
    for _ in 0..<Self.maximumRedirects {
      let left = max(.milliseconds(1), deadline - ContinuousClock.now)
      let answer = try await ask(place, within: left, group: group)
      guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.location,
        let next = place.following(location), next.host == target.host
      else { return answer }
      place = next
    }
    throw Endless()
  }

  private func ask(_ place: HTTPTarget, within left: Duration, group: any EventLoopGroup) async throws -> Answer {
    let loop = group.next()
    let answer = loop.makePromise(of: Answer.self)
    let deadline = loop.scheduleTask(in: TimeAmount(left)) {
      answer.fail(ChannelError.connectTimeout(TimeAmount(left)))
    }
    defer { deadline.cancel() }
    do {
      let channel = try await ClientBootstrap(group: loop).connectTimeout(TimeAmount(left))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            if place.scheme == "https" {
              var configuration = TLSConfiguration.makeClientConfiguration()
              configuration.certificateVerification = .none
              let context = try NIOSSLContext(configuration: configuration)
              try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
            }
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(HTTPProbeHandler(answer))
          }
        }
        .connect(host: place.host, port: place.port).get()
      channel.write(HTTPClientRequestPart.head(head(for: place)), promise: nil)
      channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
      defer { channel.close(promise: nil) }
      return try await answer.futureResult.get()
    } catch {
      answer.fail(error)
      throw error
    }
  }

  private func head(for place: HTTPTarget) -> HTTPRequestHead {
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: place.path)
    let named = Set(headers.map { $0.0.lowercased() })
    if !named.contains("host") { head.headers.add(name: "Host", value: place.authority) }
    if !named.contains("user-agent") { head.headers.add(name: "User-Agent", value: userAgent) }
    if !named.contains("accept") { head.headers.add(name: "Accept", value: "*/*") }
    head.headers.add(name: "Connection", value: "close")
    for (name, value) in headers { head.headers.add(name: name, value: value) }
    return head
  }

  /// The part of an error a reader can use.
  static func reason(_ error: any Error) -> String {
    if let error = error as? NIOConnectionError, let first = error.connectionErrors.first { return reason(first.error) }
    if let error = error as? IOError { return error.errnoCode == 111 ? "connect: connection refused" : "\(error)" }
    if case .connectTimeout? = error as? ChannelError { return "context deadline exceeded" }
    if error is Endless { return "stopped after \(maximumRedirects) redirects" }
    return "\(error)"
  }
}

/// Takes one answer in, as far as it matters.
private final class HTTPProbeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let promise: EventLoopPromise<HTTPProbe.Answer>
  private var answer: HTTPProbe.Answer?

  init(_ promise: EventLoopPromise<HTTPProbe.Answer>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      // What comes before the answer (100 Continue, 103 Early Hints) is none.
      guard head.status.code >= 200 else { return }
      answer = HTTPProbe.Answer(status: Int(head.status.code), location: head.headers.first(name: "location"), body: "")
    case .body(let bytes):
      answer?.body += String(buffer: bytes)
      if let answer, answer.body.utf8.count >= HTTPProbe.maximumBody { promise.succeed(answer) }
    case .end: if let answer { promise.succeed(answer) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(ChannelError.eof)
    context.fireChannelInactive()
  }
}
