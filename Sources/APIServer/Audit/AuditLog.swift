package import Logging
import NIOConcurrencyHelpers
import NIOPosix
import Synchronization

/// Writes audit events on a thread of its own: requests only leave them here.
package final class AuditLog: Sendable {
  private struct State {
    var lines: [[UInt8]] = []
    var isWriting = false
    var dropped = 0
  }

  /// The most events that may wait; what comes beyond is dropped and told of, as upstream's buffer does.
  private static let capacity = 10_000

  private let state = NIOLockedValueBox(State())
  private let file: Mutex<AuditFile>
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let logger: Logger

  package init(_ configuration: AuditConfiguration, logger: Logger) throws(APIServerError) {
    self.logger = logger
    do {
      file = Mutex(try AuditFile(configuration))
    } catch {
      throw APIServerError(
        .audit, "the audit log \(configuration.logPath) cannot be opened; choose another --audit-log-path", cause: error
      )
    }
    thread.start()
  }

  /// Never waits for the disk.
  func append(_ line: [UInt8]) {
    let starts = state.withLockedValue { state -> Bool in
      guard state.lines.count < Self.capacity else {
        state.dropped += 1
        return false
      }
      state.lines.append(line)
      if state.isWriting { return false }
      state.isWriting = true
      return true
    }
    if starts { thread.submit { [self] _ in drain() } }
  }

  private func drain() {
    while true {
      let (lines, dropped) = state.withLockedValue { state -> ([[UInt8]], Int) in
        let taken = (state.lines, state.dropped)
        state.lines = []
        state.dropped = 0
        if taken.0.isEmpty { state.isWriting = false }
        return taken
      }
      if dropped > 0 { logger.error("audit events were dropped: the disk is slow", metadata: ["count": "\(dropped)"]) }
      if lines.isEmpty { return }
      do {
        try file.withLock { try $0.write(Array(lines.joined())) }
      } catch {
        logger.error(
          "audit events could not be written", metadata: ["count": "\(lines.count)", "error": "\(error)"])
      }
    }
  }

  /// Writes what waits, and ends the thread.
  package func close() async { try? await thread.shutdownGracefully() }
}
