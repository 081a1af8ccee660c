import NIOConcurrencyHelpers
import NIOCore

/// What all requests of one connection share.
final class ConnectionContext: Sendable {
  /// The verified client certificate's subject.
  let user: User?
  private let running = NIOLockedValueBox(0)
  /// Streams of HTTP/2 that are open, and since when there have been none.
  private let streams = NIOLockedValueBox((open: 0, idleSince: NIODeadline.now()))

  /// Streams that were reset may leave their handlers running for a moment; beyond this number the connection is closed.
  private static let maximumRunning = 1_000

  /// All streams of a connection are on its one loop.
  let executor: EventLoopExecutor

  init(user: User?, loop: any EventLoop) {
    self.user = user
    executor = EventLoopExecutor(loop)
  }

  /// Counts a request in; false where the connection has too many under way.
  func begin() -> Bool {
    running.withLockedValue { running in
      guard running < Self.maximumRunning else { return false }
      running += 1
      return true
    }
  }

  func streamOpened() { streams.withLockedValue { $0.open += 1 } }

  func streamClosed() {
    streams.withLockedValue { streams in
      streams.open -= 1
      if streams.open == 0 { streams.idleSince = .now() }
    }
  }

  /// Whether nothing has been under way for so long.
  func isIdle(for time: TimeAmount) -> Bool {
    streams.withLockedValue { $0.open == 0 && $0.idleSince + time <= .now() }
  }

  /// Whether a request is being answered, away from the event loop.
  var isBusy: Bool { running.withLockedValue { $0 > 0 } }

  func end() { running.withLockedValue { $0 -= 1 } }
}
