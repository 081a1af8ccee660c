import ClusterModel
import KubernetesAPI
package import NetworkTypes

/// The names of one Service, ready to be answered. Immutable: a change makes a new one.
package final class ServiceNames: Sendable {
  package enum Kind: Hashable, Sendable {
    case clusterIP
    case headless
    case external(DNSName)
  }

  struct Port: Hashable, Sendable {
    let name: String
    let transport: TransportProtocol
    let number: UInt16
  }

  struct Endpoint: Hashable, Sendable {
    let address: IPAddress
    /// Which of the published port sets are this endpoint's.
    let portSet: Int
    /// The label under the Service's name: the host name, or the address with dashes.
    let hostname: String?

    var label: String { hostname ?? address.dashed }
  }

  let name: ObjectName
  /// The labels of the Service and its namespace in wire form, without what follows them.
  let key: [UInt8]
  package let kind: Kind
  let clusterIPs: [IPAddress]
  /// A Service's own ports; empty for headless ones, whose endpoints have theirs.
  let ports: [Port]
  private let publication: Publication

  /// A headless Service is nothing but its endpoints, and queries for it are about them. One with an address of its own is
  /// hardly ever asked for them: that they are in the cluster's model, which is there anyway, is enough.
  private enum Publication {
    case listed(PublishedEndpoints)
    case inSlices([EndpointSliceModel], includingUnready: Bool)
  }

  /// The records of type A at the Service's own name, 16 bytes each, with a pointer to the question as owner.
  package let answersV4: [UInt8]
  /// The same of type AAAA, 28 bytes each.
  package let answersV6: [UInt8]

  init(_ service: ServiceModel, slices: [EndpointSliceModel], key: [UInt8], ttl: UInt32) {
    name = service.name
    self.key = key
    clusterIPs = service.clusterIPs
    if let target = service.externalName {
      // Admission has refused names that do not parse; one that got past it points nowhere.
      kind = .external(DNSName(target) ?? .root)
      publication = .listed(PublishedEndpoints())
    } else if service.isHeadless {
      kind = .headless
      publication = .listed(PublishedEndpoints(slices, includingUnready: service.publishesNotReady))
    } else {
      kind = .clusterIP
      publication = .inSlices(slices, includingUnready: service.publishesNotReady)
    }
    ports =
      kind == .clusterIP
      ? service.ports.map { Port(name: $0.name, transport: $0.transport, number: $0.port) } : []
    var addresses = service.clusterIPs
    if kind == .headless, case .listed(let published) = publication { addresses = published.addresses }
    answersV4 = Self.answers(addresses.filter { $0.family == .v4 }, ttl: ttl)
    answersV6 = Self.answers(addresses.filter { $0.family == .v6 }, ttl: ttl)
  }

  /// Those that are published: ready, or all where the Service says so. Ordered by address.
  var endpoints: [Endpoint] { published.endpoints }
  /// The ports of a headless Service's endpoints.
  var portSets: [[Port]] { kind == .headless ? published.portSets : [] }

  private var published: PublishedEndpoints {
    switch publication {
    case .listed(let published): published
    case .inSlices(let slices, let includingUnready): PublishedEndpoints(slices, includingUnready: includingUnready)
    }
  }

  /// A headless Service without endpoints has no name.
  package var isEmpty: Bool { kind == .headless && endpoints.isEmpty }

  /// The addresses that answer for the Service's own name.
  var addresses: [IPAddress] {
    kind == .headless ? published.addresses : clusterIPs
  }

  /// Every address whose reverse name points here.
  var pointedAddresses: Set<IPAddress> { Set(clusterIPs).union(endpoints.map(\.address)) }

  private static func answers(_ addresses: [IPAddress], ttl: UInt32) -> [UInt8] {
    var wire: [UInt8] = []
    for address in addresses {
      let bytes = address.bytes
      let type = RecordData.address(address).type.rawValue
      // Owner: a pointer to offset 12, where the question's name stands.
      wire += [0xc0, 0x0c, UInt8(type >> 8), UInt8(truncatingIfNeeded: type), 0, 1]
      wire += (0..<4).map { UInt8(truncatingIfNeeded: ttl >> UInt32(24 - 8 * $0)) }
      wire += [0, UInt8(bytes.count)] + bytes
    }
    return wire
  }
}

extension IPAddress {
  /// The address as a label: dots and colons become dashes.
  package var dashed: String {
    String(decoding: description.utf8.map { $0 == 0x2e || $0 == 0x3a ? 0x2d : $0 }, as: UTF8.self)
  }

  /// Reads ``dashed`` back; `nil` for a label that is no address.
  package init?(dashed label: some StringProtocol) {
    let bytes = Array(label.utf8)
    let dashes = bytes.count { $0 == 0x2d }
    let isV4 = dashes == 3 && bytes.allSatisfy { $0 == 0x2d || (0x30...0x39).contains($0) } && !label.contains("--")
    self.init(String(decoding: bytes.map { $0 == 0x2d ? (isV4 ? 0x2e : 0x3a) : $0 }, as: UTF8.self))
  }
}
