/// The transport protocols a Service port or a policy may name.
package enum TransportProtocol: String, Hashable, Sendable, CaseIterable, Comparable {
  case tcp = "TCP"
  case udp = "UDP"
  case sctp = "SCTP"

  /// IANA protocol number (`IPPROTO_*` in `linux/in.h`).
  package var number: UInt8 {
    switch self {
    case .tcp: 6
    case .udp: 17
    case .sctp: 132
    }
  }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
