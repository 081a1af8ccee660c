package import NetworkTypes

/// A tracked connection with what the kernel knows of it.
package struct ConntrackEntry: Hashable, Sendable {
  package struct Traffic: Hashable, Sendable {
    package var packets: UInt64
    package var bytes: UInt64

    package init(packets: UInt64, bytes: UInt64) {
      self.packets = packets
      self.bytes = bytes
    }
  }

  /// `enum tcp_conntrack` of `linux/netfilter/nf_conntrack_tcp.h`, in `conntrack`'s words.
  package enum TCPState: UInt8, Hashable, Sendable {
    case none = 0
    case synSent, synReceived, established, finWait, closeWait, lastAck, timeWait, close, synSent2

    package var isOver: Bool { self == .timeWait || self == .close }
  }

  package let flow: ConntrackFlow
  /// Tells apart flows with the same tuples that follow each other; a hash, not a number that counts.
  package let id: UInt32
  /// Whether anything came back.
  package let isAnswered: Bool
  /// `nil` for other protocols, and where the kernel does not say.
  package let tcpState: TCPState?
  /// Towards the destination, and back. `nil` where the kernel does not count (`nf_conntrack_acct=0`) or does not say,
  /// as with a flow that has just begun.
  package let sent: Traffic?
  package let answered: Traffic?

  package init(
    _ flow: ConntrackFlow, id: UInt32, isAnswered: Bool = false, tcpState: TCPState? = nil, sent: Traffic? = nil,
    answered: Traffic? = nil
  ) {
    self.flow = flow
    self.id = id
    self.isAnswered = isAnswered
    self.tcpState = tcpState
    self.sent = sent
    self.answered = answered
  }
}

extension ConntrackEntry.TCPState: CustomStringConvertible {
  package var description: String {
    switch self {
    case .none: "NONE"
    case .synSent: "SYN_SENT"
    case .synReceived: "SYN_RECV"
    case .established: "ESTABLISHED"
    case .finWait: "FIN_WAIT"
    case .closeWait: "CLOSE_WAIT"
    case .lastAck: "LAST_ACK"
    case .timeWait: "TIME_WAIT"
    case .close: "CLOSE"
    case .synSent2: "SYN_SENT2"
    }
  }
}
