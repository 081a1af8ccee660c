import Logging
import NIOCore
import SPDY
import Synchronization

/// Joins the streams of one SPDY connection to ports of a pod: each forwarded connection has a stream for its bytes and
/// one that says why it failed. What breaks one of them leaves the others alone.
struct SPDYPortForward: Sendable {
  let ports: PodPorts
  let logger: Logger

  static let version = "portforward.k8s.io"
  /// How long a client may take for the second stream of a pair; as upstream.
  private static let patience = Duration.seconds(30)

  /// The streams whose partner has not come yet.
  private final class Single: Sendable {
    private let streams = Mutex<[String: SPDYStream]>([:])

    /// The partner, or `nil`: then `stream` waits for it. A second one of the same kind takes the first one's place.
    func pair(_ stream: SPDYStream, _ key: String) -> SPDYStream? {
      streams.withLock { streams in
        if let other = streams[key], other.headers["streamtype"] != stream.headers["streamtype"] {
          streams[key] = nil
          return other
        }
        streams[key] = stream
        return nil
      }
    }

    /// Whether `stream` was still waiting.
    func giveUp(_ stream: SPDYStream, _ key: String) -> Bool {
      streams.withLock { streams in
        guard streams[key]?.id == stream.id else { return false }
        streams[key] = nil
        return true
      }
    }
  }

  /// Which streams belong together. Clients from before 1.4 do not say; their error stream comes first.
  private static func key(_ stream: SPDYStream) -> String {
    let isError = stream.headers["streamtype"] == "error"
    return stream.headers["requestID"] ?? "stream \(isError ? stream.id : stream.id &- 2)"
  }

  /// Returns when the client has gone.
  func run(_ streams: AsyncStream<SPDYStream>, on channel: any Channel) async {
    let single = Single()
    await withDiscardingTaskGroup { group in
      for await stream in streams {
        guard let type = stream.headers["streamtype"], ["data", "error"].contains(type) else {
          group.addTask { await stream.reset() }
          continue
        }
        let key = Self.key(stream)
        if let partner = single.pair(stream, key) {
          group.addTask { await type == "data" ? forward(stream, partner) : forward(partner, stream) }
        } else {
          group.addTask {
            // Cancelled when the client has gone: then a reset goes nowhere.
            try? await Task.sleep(for: Self.patience)
            if single.giveUp(stream, key) { await stream.reset() }
          }
        }
      }
      group.cancelAll()
    }
    channel.close(promise: nil)
  }

  private func forward(_ data: SPDYStream, _ errors: SPDYStream) async {
    let connection: PodPorts.Connection
    do {
      guard let port = (errors.headers["port"] ?? data.headers["port"]).flatMap(UInt16.init), port > 0 else {
        throw NodeAgentError(.badRequest, "unable to parse port from the header \"port\"")
      }
      connection = try await ports.connect(port)
    } catch {
      try? await errors.write(ByteBuffer(string: PodWorker.message(error)))
      await errors.finish()
      await data.finish()
      return
    }
    var isWhole = true
    do {
      try await PodPorts.join(connection) {
        try await data.next()
      } send: { bytes in
        guard let bytes else { return await data.finish() }
        try await data.write(bytes)
      }
    } catch {
      isWhole = false
      // A connection that broke is no failure of the forwarding: clients take word on the error stream as the end of all.
      logger.debug("A forwarded connection broke.", metadata: ["pod": "\(ports.pod)", "error": "\(error)"])
    }
    await errors.finish()
    if !isWhole { await data.reset() }
  }
}
