package import LinuxKernel
package import Netlink

/// Reads the packets that rules hand to one NFLOG group of a network namespace.
///
/// A group has one reader. Packets of a group that nobody reads are lost to nobody: rules may outlive their reader. What
/// the socket or the queue had no room for is counted, and comes with the next batch.
package final class PacketLog: Sendable {
  package struct Limits: Sendable {
    /// Bytes that wait in the socket: about a thousand for a packet.
    package var receiveBuffer: Int32 = 2 << 20
    /// Packets that wait for whoever takes them; then the oldest go.
    package var waiting = 4096

    package init() {}
  }

  private let group: UInt16
  private let listener: NetlinkListener
  private let queue: EventQueue<LoggedPacket>
  /// Whether packets come with the flow they would have opened (the kernel's option NETFILTER_NETLINK_GLUE_CT). Otherwise
  /// they come as they are after translation, and nothing says what was translated.
  package let tellsFlows: Bool

  /// Takes the group over in `namespace`, or in the calling thread's where none is given. ``NetlinkError`` where somebody
  /// else reads it (see ``isTaken(_:)``), or the kernel has no NFLOG.
  /// - Parameter length: how many bytes of a packet are wanted at most, from its network header on.
  package init(
    group: UInt16, length: UInt32 = 128, in namespace: NetworkNamespace? = nil, limits: Limits = Limits()
  ) throws {
    self.group = group
    listener = try NetlinkListener(.netfilter, receiveBuffer: limits.receiveBuffer, in: namespace)
    queue = EventQueue(capacity: limits.waiting)
    // No family is bound (NFULNL_CFG_CMD_PF_BIND): that would take the log of rules without a group from others.
    var writer = NetlinkWriter()
    writer.packetLogConfiguration(group: group) { writer in
      writer.u8(PacketLogWire.command, PacketLogWire.bind)
      writer.attribute(PacketLogWire.mode) { mode in
        mode.u32(length.bigEndian)
        mode.u8(PacketLogWire.copyPacket)
        mode.u8(0)
      }
      writer.be32(PacketLogWire.threshold, 1)
    }
    try listener.socket.transact(writer)
    var tracking = NetlinkWriter()
    tracking.packetLogConfiguration(group: group) { $0.be16(PacketLogWire.flags, PacketLogWire.withConnection) }
    do {
      try listener.socket.transact(tracking)
      tellsFlows = true
    } catch {
      guard error.errno == Self.notSupported else { throw error }
      tellsFlows = false
    }
  }

  private static let notSupported: Int32 = 95  // EOPNOTSUPP

  /// Whether an error says that somebody else reads the group.
  package static func isTaken(_ error: any Error) -> Bool {
    // EPERM: bound by another port; EEXIST and EBUSY: being bound by one.
    guard let errno = (error as? NetlinkError)?.errno else { return false }
    return [1, 16, 17].contains(errno)
  }

  /// Reads, on a thread of its own, until its task is cancelled. Throws ``NetlinkError`` where the socket fails. ``next()``
  /// ends with it.
  package func run() async throws {
    try await listener.feed(queue) { [group] message, seenAt throws(NetlinkError) in
      try LoggedPacket(message, group: group, seenAt: seenAt)
    }
  }

  /// What was logged since the last call, as soon as there is something; `nil` once ``run()`` has ended or the calling task
  /// is cancelled. One task at a time may ask.
  package func next() async -> EventBatch<LoggedPacket>? { await queue.next() }
}
