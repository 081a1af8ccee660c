package import LinuxKernel
package import Netlink

/// What the kernel told about a tracked connection.
package struct ConntrackEvent: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Its first packet has left.
    case new
    /// The kernel has forgotten it: it is over, or idle for too long, or was deleted.
    case destroyed
  }

  package let kind: Kind
  package let entry: ConntrackEntry
  /// When it was read here: nanoseconds since 1970, CLOCK_REALTIME.
  package let seenAt: Int64

  package init(_ kind: Kind, _ entry: ConntrackEntry, seenAt: Int64) {
    self.kind = kind
    self.entry = entry
    self.seenAt = seenAt
  }
}

/// Follows the connections of one network namespace, as its kernel tells of them: TCP, UDP and SCTP, in the order of what
/// happened. It says nothing of packets, and nothing of flows that a rule drops: those are never tracked. Of what becomes of
/// a connection in between it hears nothing either: a short one over TCP would make five events more, each at its expense.
///
/// The kernel tells only of flows that begin while somebody listens, unless `nf_conntrack_events` is 1, and of none where
/// it is 0. With `nf_conntrack_acct=1` the end of a flow says what it carried. Anyone may look into the table beside it
/// (``ConntrackConnection``): events are heard from `init` on.
///
/// Nothing is lost silently: what the socket or the queue had no room for is counted, and comes with the next batch.
package final class ConntrackEvents: Sendable {
  package struct Limits: Sendable {
    /// Bytes that wait in the socket: about a thousand for an event.
    package var receiveBuffer: Int32 = 16 << 20
    /// Events that wait for whoever takes them; then the oldest go.
    package var waiting = 32_768

    package init() {}
  }

  private let listener: NetlinkListener
  private let queue: EventQueue<ConntrackEvent>

  /// Milliseconds in which what comes waits in the socket's buffer, which has room for a hundred thousand connections a
  /// second to begin and end.
  private static let pause: Int32 = 10

  /// Listens in `namespace`, or in the calling thread's where none is given.
  package init(in namespace: NetworkNamespace? = nil, limits: Limits = Limits()) throws {
    // NFNLGRP_CONNTRACK_NEW and _DESTROY of linux/netfilter/nfnetlink_compat.h.
    listener = try NetlinkListener(.netfilter, groups: [1, 3], receiveBuffer: limits.receiveBuffer, in: namespace)
    queue = EventQueue(capacity: limits.waiting)
  }

  /// Reads, on a thread of its own, until its task is cancelled. Throws ``NetlinkError`` where the socket fails, and
  /// ``KernelError`` where there is no thread to be had. ``next()`` ends with it.
  package func run() async throws { try await listener.feed(queue, pause: Self.pause, decode: ConntrackEvent.init) }

  /// What was told since the last call, as soon as there is something; `nil` once ``run()`` has ended or the calling task
  /// is cancelled. One task at a time may ask.
  package func next() async -> EventBatch<ConntrackEvent>? { await queue.next() }
}
