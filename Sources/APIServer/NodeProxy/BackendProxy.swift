import Glibc
import HTTPTypes
import KubernetesAPI
import NIOCore
import NIOHTTP1
import NIOPosix
import NetworkTypes

/// Passes one request on to a backend and its answer back, whose body is streamed.
struct BackendProxy: Sendable {
  let dialer: AgentDialer

  func pass(
    _ request: APIServerRequest, _ path: ProxyPath, to target: BackendTarget
  ) async throws(APIStatus) -> APIServerResponse {
    let isRead = request.method == .get || request.method == .head
    if path.rest.isEmpty, isRead {
      return APIServerResponse(
        status: .movedPermanently, headers: [.location: "\(path.prefix)/\(path.query)"], body: .buffer(ByteBuffer()))
    }
    let promise = dialer.group.next().makePromise(of: HTTPResponseHead.self)
    let handler = AgentResponseHandler(head: promise)
    let channel: any Channel
    do {
      channel = try await dialer.open(target) { channel in
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(handler)
      }
    } catch {
      promise.fail(error)
      throw Self.unreachable("dial tcp \(Self.authority(target)): \(Self.reason(error))")
    }
    let head: HTTPResponseHead
    do {
      head = try await withTaskCancellationHandler {
        channel.write(HTTPClientRequestPart.head(Self.head(request, path, target)), promise: nil)
        if request.body.readableBytes > 0 {
          channel.write(HTTPClientRequestPart.body(.byteBuffer(request.body)), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        return try await promise.futureResult.get()
      } onCancel: {
        channel.close(promise: nil)
      }
    } catch {
      channel.close(promise: nil)
      throw Self.unreachable(Self.reason(error))
    }
    let headers = Self.headers(of: head, path, target)
    let status = HTTPResponse.Status(code: Int(head.status.code), reasonPhrase: head.status.reasonPhrase)
    guard request.method != .head else {
      handler.cancel()
      return APIServerResponse(status: status, headers: headers, body: .buffer(ByteBuffer()))
    }
    let response = APIServerResponse(status: status, headers: headers, body: .stream(handler))
    return try rewriting(response, handler, path, target)
  }

  /// A page's links, which its browser would follow past the proxy, lead through it.
  private func rewriting(
    _ response: APIServerResponse, _ stream: AgentResponseHandler, _ path: ProxyPath, _ target: BackendTarget
  ) throws(APIStatus) -> APIServerResponse {
    let type = response.headers[.contentType]?.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    let encoding = response.headers[.contentEncoding]?.lowercased() ?? ""
    guard type == "text/html", encoding.isEmpty || encoding == "gzip" else { return response }
    var response = response
    let authority = Self.authority(target)
    do {
      response.body = .stream(
        try RewrittenPage(stream, isCompressed: !encoding.isEmpty) {
          path.rewritten(location: $0, authority: authority)
        })
    } catch {
      stream.cancel()
      throw .internalError("a page cannot be decompressed: \(error)")
    }
    response.headers[.contentLength] = nil
    response.headers[.contentEncoding] = nil
    return response
  }

  // MARK: Headers

  private static func head(_ request: APIServerRequest, _ path: ProxyPath, _ target: BackendTarget) -> HTTPRequestHead {
    var headers: HTTPHeaders = ["Host": authority(target)]
    let named = connectionNames(request.headers[values: .connection])
    for field in request.headers {
      let name = field.name.canonicalName
      guard !isHopByHop(name), !named.contains(name), !credentials.contains(name), !name.hasPrefix("impersonate-"),
        name != "host", name != "content-length"
      else { continue }
      headers.add(name: field.name.rawName, value: field.value)
    }
    headers.replaceOrAdd(name: "X-Forwarded-Uri", value: path.prefix + (path.rest.isEmpty ? "/" : path.rest))
    headers.replaceOrAdd(name: "X-Forwarded-Proto", value: "https")
    let mayHaveBody = [.post, .put, .patch].contains(request.method) || request.body.readableBytes > 0
    if mayHaveBody { headers.add(name: "Content-Length", value: "\(request.body.readableBytes)") }
    return HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue), uri: path.backendTarget,
      headers: headers)
  }

  private static func headers(of head: HTTPResponseHead, _ path: ProxyPath, _ target: BackendTarget) -> HTTPFields {
    var fields = HTTPFields()
    let named = connectionNames(head.headers["Connection"])
    for (text, value) in head.headers {
      guard let name = HTTPField.Name(text), !isHopByHop(name.canonicalName), !named.contains(name.canonicalName),
        // A backend does not decide which other sites may read the API server's answers.
        !name.canonicalName.hasPrefix("access-control-")
      else { continue }
      let isLocation = name == .location
      let passed = isLocation ? path.rewritten(location: value, authority: authority(target)) : value
      fields.append(HTTPField(name: name, value: passed))
    }
    return fields
  }

  /// What a client shows to the API server is not for a backend.
  private static let credentials: Set<String> = ["authorization", "proxy-authorization"]

  /// RFC 9110, section 7.6.1.
  private static func isHopByHop(_ name: String) -> Bool {
    [
      "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "te", "trailer", "transfer-encoding",
      "upgrade",
    ].contains(name)
  }

  private static func connectionNames(_ values: [String]) -> Set<String> {
    Set(values.flatMap { $0.split(separator: ",") }.map { $0.filter { $0 != " " }.lowercased() })
  }

  // MARK: Failures

  static func authority(_ target: BackendTarget) -> String {
    target.address.family == .v6 ? "[\(target.address)]:\(target.port)" : "\(target.address):\(target.port)"
  }

  private static func unreachable(_ reason: String) -> APIStatus {
    .unavailable("error trying to reach service: \(reason)")
  }

  /// Go's words for what clients look for.
  private static func reason(_ error: any Error) -> String {
    if let error = error as? NIOConnectionError, let first = error.connectionErrors.first { return reason(first.error) }
    switch error {
    case let error as IOError where error.errnoCode == ECONNREFUSED: return "connect: connection refused"
    case let error as IOError where error.errnoCode == EHOSTUNREACH: return "connect: no route to host"
    case let error as IOError where error.errnoCode == ENETUNREACH: return "connect: network is unreachable"
    case let error as IOError where error.errnoCode == ECONNRESET: return "read: connection reset by peer"
    case ChannelError.connectTimeout: return "i/o timeout"
    case ChannelError.eof: return "EOF"
    default: return "\(error)"
    }
  }
}

extension AgentProxy {
  func proxy(
    _ request: APIServerRequest, _ info: RequestInfo, kind: ResourceKind, registry: Registry
  ) async throws(APIStatus) -> APIServerResponse {
    let path = ProxyPath(target: request.target, depth: kind.isNamespaced ? 7 : 5)
    let target = try BackendTarget.find(info, kind: kind, registry: registry)
    return try await BackendProxy(dialer: dialer).pass(request, path, to: target)
  }
}
