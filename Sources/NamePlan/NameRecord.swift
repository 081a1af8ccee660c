package import NetworkTypes

/// The types of records this server knows by name (IANA's numbers); any other number is kept as it is.
package struct RecordType: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let a = RecordType(rawValue: 1)
  package static let ns = RecordType(rawValue: 2)
  package static let cname = RecordType(rawValue: 5)
  package static let soa = RecordType(rawValue: 6)
  package static let ptr = RecordType(rawValue: 12)
  package static let txt = RecordType(rawValue: 16)
  package static let aaaa = RecordType(rawValue: 28)
  package static let srv = RecordType(rawValue: 33)
  package static let opt = RecordType(rawValue: 41)
  package static let axfr = RecordType(rawValue: 252)
  package static let any = RecordType(rawValue: 255)
}

/// A zone's start of authority, with which every negative answer comes (RFC 2308).
package struct StartOfAuthority: Hashable, Sendable {
  package var server: DNSName
  package var mailbox: DNSName
  package var serial: UInt32
  /// Seconds a resolver may remember that a name is not there.
  package var negativeTTL: UInt32
}

package enum RecordData: Hashable, Sendable {
  case address(IPAddress)
  case service(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName)
  case pointer(DNSName)
  case alias(DNSName)
  case nameServer(DNSName)
  case text(String)
  case authority(StartOfAuthority)

  package var type: RecordType {
    switch self {
    case .address(let address): address.family == .v4 ? .a : .aaaa
    case .service: .srv
    case .pointer: .ptr
    case .alias: .cname
    case .nameServer: .ns
    case .text: .txt
    case .authority: .soa
    }
  }
}

/// One resource record of class IN.
package struct NameRecord: Hashable, Sendable {
  package var owner: DNSName
  /// Seconds.
  package var ttl: UInt32
  package var data: RecordData

  package init(_ owner: DNSName, ttl: UInt32, _ data: RecordData) {
    self.owner = owner
    self.ttl = ttl
    self.data = data
  }
}
