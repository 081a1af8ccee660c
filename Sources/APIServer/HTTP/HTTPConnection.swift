import NIOConcurrencyHelpers
import NIOCore

/// What the requests of one connection share: who is at the other end, and how much it may ask for at a time.
final class HTTPConnection: Sendable {
  /// The verified client certificate's subject; `nil` where the client showed none.
  let user: User?
  let channel: any Channel
  private let running = NIOLockedValueBox(0)

  /// Handlers one connection may have running. HTTP/2 lets a client reset streams faster than their handlers end, so
  /// the limit on open streams alone does not bound the work ("rapid reset", CVE-2023-44487).
  private static let maximumRunning = 1_000

  init(user: User?, channel: any Channel) {
    self.user = user
    self.channel = channel
  }

  /// Counts a handler in; false, and the connection closed, where it has too many.
  func begin() -> Bool {
    let isAllowed = running.withLockedValue { running in
      running += 1
      return running <= Self.maximumRunning
    }
    if !isAllowed { channel.close(promise: nil) }
    return isAllowed
  }

  func end() { running.withLockedValue { $0 -= 1 } }
}
