import NIOCore
import Synchronization

/// Some connections that ask one thing after the other, for some time or until there is nothing left to ask.
final class LoadRun: Sendable {
  private struct State {
    var answered = 0
    var running: Int
    var last = NIODeadline.distantPast
    var milliseconds: [Double] = []
    var waiter: CheckedContinuation<Void, any Error>?
  }

  /// What came of it.
  struct Result: Sendable {
    let answered: Int
    let seconds: Double
    /// From a request to the end of its answer.
    let milliseconds: [Double]

    var perSecond: Double { Double(answered) / seconds }
  }

  let status: Int
  private let next: @Sendable (_ connection: Int, _ number: Int) -> ByteBuffer?
  private let deadline: NIODeadline
  private let state: Mutex<State>

  private init(
    connections: Int, status: Int, seconds: Double, _ next: @escaping @Sendable (Int, Int) -> ByteBuffer?
  ) {
    self.status = status
    self.next = next
    deadline = .now() + .nanoseconds(Int64(seconds * 1e9))
    state = Mutex(State(running: connections))
  }

  /// Runs until `seconds` are over or every connection got `nil` for its next request. Throws on the first answer whose
  /// status is another.
  static func run(
    _ target: LoadTarget, connections: Int, seconds: Double = 300, expecting status: Int = 200,
    _ next: @escaping @Sendable (_ connection: Int, _ number: Int) -> ByteBuffer?
  ) async throws -> Result {
    let idle = LoadRun(connections: connections, status: status, seconds: seconds, next)
    let channels = try await target.connect(connections) { LoadConnection(idle, number: $0) }
    let begin = NIODeadline.now()
    do {
      try await withCheckedThrowingContinuation { waiter in
        idle.state.withLock { $0.waiter = waiter }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(LoadConnection.Begin()) }
      }
    } catch {
      target.close(channels)
      throw error
    }
    target.close(channels)
    return idle.state.withLock { state in
      Result(
        answered: state.answered, seconds: Double((state.last - begin).nanoseconds) / 1e9,
        milliseconds: state.milliseconds)
    }
  }

  func request(_ connection: Int, _ number: Int) -> ByteBuffer? { .now() < deadline ? next(connection, number) : nil }

  func took(_ time: TimeAmount, at now: NIODeadline) {
    state.withLock { state in
      state.answered += 1
      state.last = now
      state.milliseconds.append(Double(time.nanoseconds) / 1e6)
    }
  }

  /// A connection has nothing more to ask.
  func end() {
    let waiter = state.withLock { state in
      state.running -= 1
      return state.running == 0 ? state.waiter.take() : nil
    }
    waiter?.resume()
  }

  func fail(_ error: any Error) {
    // Connections end after the run too; nobody waits then.
    state.withLock { $0.waiter.take() }?.resume(throwing: error)
  }
}
