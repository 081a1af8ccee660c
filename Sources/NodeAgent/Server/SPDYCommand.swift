import ContainerRuntime
import Logging
import NIOCore
import SPDY

/// Joins the streams of one SPDY connection to one command in a container.
struct SPDYCommand: Sendable {
  let command: CommandRequest
  /// What the two sides agreed on; empty for clients older than that.
  let version: String
  let logger: Logger

  static let versions = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"]
  /// How long a client may take to open its streams; as upstream.
  private static let patience = Duration.seconds(30)
  /// How long a client may take to hang up when all is said.
  private static let farewell = Duration.seconds(1)

  /// Returns when the command, or the client, has gone.
  func run(_ streams: AsyncStream<SPDYStream>, on channel: any Channel) async {
    defer { channel.close(promise: nil) }
    guard let open = await collect(streams), let error = open["error"] else {
      logger.debug("A client did not open the streams of its command.")
      return
    }
    let outcome = await command.run { session in
      await feed(session, open, until: channel)
    } write: { stream, bytes in
      try await open[stream == .output ? "stdout" : "stderr"]?.write(bytes)
    }
    guard let outcome else { return }
    for name in ["stdout", "stderr"] { await open[name]?.finish() }
    if let text = outcome.text(hasStatus: version.hasPrefix("v4")) { try? await error.write(ByteBuffer(bytes: text)) }
    await error.finish()
    // Closing now could take away what is still on its way to the client, if it goes on sending.
    _ = await within(Self.farewell) { await channel.waitUntilClosed() }
  }

  /// The streams the command needs, by their type.
  private func collect(_ streams: AsyncStream<SPDYStream>) async -> [String: SPDYStream]? {
    var wanted: Set = ["error"]
    if command.request.hasInput { wanted.insert("stdin") }
    if command.request.hasOutput { wanted.insert("stdout") }
    if command.request.hasErrorOutput { wanted.insert("stderr") }
    if command.request.hasTerminal, !["", "channel.k8s.io", "v2.channel.k8s.io"].contains(version) {
      wanted.insert("resize")
    }
    let names = wanted
    return await within(Self.patience) {
      var open: [String: SPDYStream] = [:]
      for await stream in streams {
        guard let type = stream.headers["streamtype"], names.contains(type) else {
          await stream.reset()
          continue
        }
        open[type] = stream
        if open.count == names.count { return open }
      }
      return nil
    }
  }

  /// Returns when the client has gone.
  private func feed(_ session: any ExecSession, _ open: [String: SPDYStream], until channel: any Channel) async {
    await withTaskGroup(of: Bool.self) { group in
      if let input = open["stdin"] {
        group.addTask {
          while let bytes = try? await input.next() {
            await command.take(.input(Array(bytes.readableBytesView)), session)
          }
          await command.take(.closeInput, session)
          return false
        }
      }
      if let resizing = open["resize"] {
        group.addTask {
          // Each size comes in a write of its own.
          while let bytes = try? await resizing.next() {
            if let size = RemoteCommand.size(bytes.readableBytesView) { await command.take(size, session) }
          }
          return false
        }
      }
      group.addTask {
        await channel.waitUntilClosed()
        return true
      }
      for await isOver in group where isOver { group.cancelAll() }
    }
  }
}
