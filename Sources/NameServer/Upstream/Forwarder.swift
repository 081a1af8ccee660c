import Logging
import NIOCore
import NamePlan
import NetworkTypes

/// Has other servers answer what is not the cluster's, or complete an alias that leads out of it.
///
/// The same question is asked once however many wait for it, so that a circle of servers asking each other stops at
/// the first turn. All state belongs to one event loop.
final class Forwarder: @unchecked Sendable {  // Its state is touched on `loop` only; ``ask(_:_:)`` goes there first.
  typealias Completion = @Sendable ([UInt8]) -> Void

  private struct Waiter {
    let inquiry: Inquiry
    let complete: Completion
  }

  /// Questions under way at most; more are refused at once.
  private static let limit = 1000
  private let loop: any EventLoop
  private let timeout: TimeAmount
  private let metrics: NameServerMetrics
  private let logger: Logger
  private let responder: Responder
  private var servers: UpstreamServers
  private var cache = AnswerCache()
  private var waiting: [UpstreamQuery: [Waiter]] = [:]

  init(
    loop: any EventLoop, servers: UpstreamServers, timeout: TimeAmount, responder: Responder,
    metrics: NameServerMetrics, logger: Logger
  ) {
    self.loop = loop
    self.servers = servers
    self.timeout = timeout
    self.responder = responder
    self.metrics = metrics
    self.logger = logger
  }

  /// Completes with the reply for the client, whatever happens. From any thread.
  func ask(_ inquiry: Inquiry, _ complete: @escaping Completion) {
    loop.execute { self.start(Waiter(inquiry: inquiry, complete: complete)) }
  }

  private func start(_ waiter: Waiter) {
    loop.preconditionInEventLoop()
    guard let query = query(of: waiter.inquiry) else { return }
    let now = ContinuousClock.now
    if let answer = cache.answer(to: query, at: now) {
      count { $0.forwardedFromCache += 1 }
      return finish(waiter, answer)
    }
    if waiting[query] != nil {
      waiting[query]?.append(waiter)
      return
    }
    let servers = servers.current()
    guard !servers.isEmpty, waiting.count < Self.limit else {
      count { $0.forwardFailures += 1 }
      return finish(waiter, nil)
    }
    waiting[query] = [waiter]
    count { $0.forwarded += 1 }
    ask(query, servers[...], fallback: nil)
  }

  private func query(of inquiry: Inquiry) -> UpstreamQuery? {
    if let target = inquiry.target { return UpstreamQuery(target: target, type: inquiry.type) }
    let verdict = inquiry.query.withUnsafeBytes { responder.parser.parse($0) }
    return verdict == .query ? UpstreamQuery(of: inquiry, parser: responder.parser) : nil
  }

  /// Asks one server after the other until one gives an answer that is an answer.
  private func ask(_ query: UpstreamQuery, _ servers: ArraySlice<SocketEndpoint>, fallback: UpstreamAnswer?) {
    guard let server = servers.first else { return complete(query, fallback) }
    UpstreamExchange.ask(query, of: server, on: loop, timeout: timeout).whenComplete { result in
      switch result {
      case .success(let message):
        let answer = UpstreamAnswer(message, questionEnd: query.questionEnd)
        let code = ResponseCode(rawValue: message[3] & 0x0f)
        if let answer, code == .noError || code == .noSuchName { return self.complete(query, answer) }
        self.ask(query, servers.dropFirst(), fallback: answer ?? fallback)
      case .failure(let error):
        self.logger.debug("a name server did not answer", metadata: ["server": "\(server)", "error": "\(error)"])
        self.ask(query, servers.dropFirst(), fallback: fallback)
      }
    }
  }

  private func complete(_ query: UpstreamQuery, _ answer: UpstreamAnswer?) {
    if let answer { cache.store(answer, for: query, at: .now) } else { count { $0.forwardFailures += 1 } }
    for waiter in waiting.removeValue(forKey: query) ?? [] { finish(waiter, answer) }
  }

  private func finish(_ waiter: Waiter, _ answer: UpstreamAnswer?) {
    let inquiry = waiter.inquiry
    if inquiry.target == nil, let answer { return waiter.complete(answer.reply(to: inquiry)) }
    waiter.complete(compose(inquiry, answer))
  }

  /// A reply of our own: the aliases with what was found behind them, or a failure.
  private func compose(_ inquiry: Inquiry, _ answer: UpstreamAnswer?) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: max(inquiry.limit, WireFormat.classicLimit)) { buffer, count in
      let reply = UnsafeMutableRawBufferPointer(buffer)
      count = inquiry.query.withUnsafeBytes { message in
        guard responder.parser.parse(message) == .query, let name = DNSName(wire: responder.parser.nameBuffer) else {
          return 0
        }
        let code = answer.map { ResponseCode(rawValue: $0.message[3] & 0x0f) ?? .serverFailure }
        return responder.write(
          message, reply, limit: inquiry.limit, name: name, code: code ?? .serverFailure,
          answers: inquiry.aliases + (answer?.records ?? []), authority: nil, additional: [])
      }
    }
  }

  private func count(_ change: (inout NameServerMetrics.Values) -> Void) {
    var values = NameServerMetrics.Values()
    change(&values)
    metrics.add(&values)
  }
}
