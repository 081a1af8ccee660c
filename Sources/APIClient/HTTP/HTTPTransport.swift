import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Reaches an API server over HTTP/1.1, with TLS where the address says `https`. Connections are kept and used again.
package final class HTTPTransport: APITransport {
  private let configuration: ClientConfiguration
  private let pool: HTTPConnectionPool
  private let token: TokenSource

  /// Throws ``APIError`` where the configuration's certificates or keys cannot be used.
  package init(configuration: ClientConfiguration) throws {
    self.configuration = configuration
    token = TokenSource(configuration.token)
    pool = HTTPConnectionPool(
      server: configuration.server, tls: try configuration.makeTLSContext(),
      group: MultiThreadedEventLoopGroup.singleton)
  }

  /// Closes idle connections; those in use close when they are given back.
  package func close() { pool.close() }

  package func send(_ request: APIRequest) async throws -> APIResponse {
    do {
      return try await attempt(request, fresh: false)
    } catch let error as StaleConnection {
      // Only a read may be sent twice: another request could have been carried out before the connection broke.
      guard request.verb == .get else { throw error.cause }
      return try await attempt(request, fresh: true)
    }
  }

  /// A connection that had been idle broke under a request.
  private struct StaleConnection: Error { let cause: any Error }

  private func attempt(_ request: APIRequest, fresh: Bool) async throws -> APIResponse {
    let lease = try await pool.lease(fresh: fresh)
    let promise = lease.channel.eventLoop.makePromise(of: HTTPExchange.Answer.self)
    do {
      let answer = try await perform(request, sink: .whole(promise), on: lease.channel, result: promise.futureResult)
      if answer.isReusable { pool.giveBack(lease.channel) }
      if answer.response.status == 401 { token.expire() }
      return answer.response
    } catch let error as APIError where error.code == .connection && lease.isReused && !fresh {
      throw StaleConnection(cause: error)
    }
  }

  package func stream(_ request: APIRequest) async throws -> APIStream {
    let lease = try await pool.lease(fresh: true)
    let promise = lease.channel.eventLoop.makePromise(of: APIStream.self)
    let stream = try await perform(request, sink: .stream(promise), on: lease.channel, result: promise.futureResult)
    if stream.status == 401 { token.expire() }
    return stream
  }

  private func perform<Result: Sendable>(
    _ request: APIRequest, sink: HTTPExchange.Sink, on channel: any Channel, result: EventLoopFuture<Result>
  ) async throws -> Result {
    do {
      let exchange = HTTPExchange(
        head: try head(of: request), body: request.body.map { ByteBuffer(bytes: $0) },
        timeout: TimeAmount(request.timeout), sink: sink)
      return try await withTaskCancellationHandler {
        exchange.send(on: channel)
        return try await result.get()
      } onCancel: {
        channel.close(promise: nil)
      }
    } catch {
      sink.fail(error)
      channel.close(promise: nil)
      try Task.checkCancellation()
      throw error
    }
  }

  private func head(of request: APIRequest) throws -> HTTPRequestHead {
    let server = configuration.server
    var headers = HTTPHeaders()
    headers.add(name: "Host", value: server.authority)
    for header in request.headers { headers.add(name: header.name, value: header.value) }
    if let token = try token.current() { headers.add(name: "Authorization", value: "Bearer \(token)") }
    if let body = request.body { headers.add(name: "Content-Length", value: String(body.count)) }
    return HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: request.verb.rawValue),
      uri: server.pathPrefix + request.target, headers: headers)
  }
}
