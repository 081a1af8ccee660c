internal import LinuxKernel
package import NetworkTypes

/// A real connection from the calling thread's network namespace.
package enum ConnectionProbe {
  private static let seconds = 2

  /// What came of it. UDP says nothing unless the other end answers, so it is not tried.
  package static func step(_ target: SocketEndpoint, _ transport: TransportProtocol) -> ExplainStep {
    guard transport == .tcp else {
      return ExplainStep(.probe, .unknown, "\(transport.rawValue) tells a sender nothing: not tried")
    }
    let start = ContinuousClock.now
    do {
      _ = try ConnectedSocket.stream(to: target.address.bytes, port: target.port, seconds: seconds)
      return ExplainStep(.probe, .passes, "connected to \(target) within \(words(ContinuousClock.now - start))")
    } catch {
      let time = words(ContinuousClock.now - start)
      switch error.errno {
      case 111: return ExplainStep(.probe, .blocks, "refused by \(target) after \(time)")  // ECONNREFUSED
      case 11, 110, 115:  // EAGAIN, ETIMEDOUT, EINPROGRESS
        return ExplainStep(.probe, .blocks, "no answer from \(target) within \(seconds) s")
      default: return ExplainStep(.probe, .blocks, "\(error.description) after \(time)")
      }
    }
  }

  private static func words(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    return "\(microseconds / 1000).\(microseconds / 100 % 10) ms"
  }
}
