package import NetworkTypes

/// Addresses of one family that every cluster on one machine uses. Each lab has a network of its own, so they never meet.
package struct ClusterAddresses: Sendable, Hashable {
  package static let bridge = "switchboard0"
  package static let apiPort: UInt16 = 6443
  package static let kubeletPort: UInt16 = 10250
  /// More would run into the broadcast address.
  package static let maximumNodes = 200

  /// Of the link that the nodes share, with the machine's address on the bridge as its base.
  package let machine: IPAddress
  package let prefixLength: Int
  package let podBlock: CIDR
  package let serviceBlock: CIDR

  /// The link's block.
  package var network: CIDR { CIDR(machine, prefixLength: prefixLength)! }
  /// The cluster's DNS: the tenth address of the Services'.
  package var dns: IPAddress { serviceBlock.base.advanced(by: 10) }

  /// For Services of type LoadBalancer: out of the nodes' link, beyond the last node and below the broadcast address.
  package var loadBalancerPool: String {
    switch machine.family {
    case .v4: "172.30.0.224-172.30.0.254"
    case .v6: "fd53:7762::1:0-fd53:7762::1:ff"
    }
  }

  /// Node N has N+10 in the last place, as one reads it: node-1 is at 172.30.0.11 and at fd53:7762::11.
  package func node(_ index: Int) -> IPAddress {
    switch machine.family {
    case .v4: network.base.advanced(by: UInt128(10 + index))
    // Decimal digits in a place for hexadecimal ones.
    case .v6: network.base.advanced(by: UInt128("\(10 + index)", radix: 16)!)
    }
  }
}

extension IPAddress.Family {
  /// The addresses of clusters on one machine.
  package var addresses: ClusterAddresses {
    switch self {
    case .v4:
      ClusterAddresses(
        machine: IPAddress(v4: 172, 30, 0, 1), prefixLength: 24,
        podBlock: CIDR(IPAddress(v4: 10, 244, 0, 0), prefixLength: 16)!,
        serviceBlock: CIDR(IPAddress(v4: 10, 96, 0, 0), prefixLength: 12)!)
    case .v6:
      ClusterAddresses(
        machine: Self.local(subnet: 0, 1), prefixLength: 64,
        podBlock: CIDR(Self.local(subnet: 1, 0), prefixLength: 56)!,
        serviceBlock: CIDR(Self.local(subnet: 2, 0), prefixLength: 112)!)
    }
  }

  /// An address of fd53:7762::/32 (RFC 4193), in the subnet of that number in the third group.
  private static func local(subnet: UInt128, _ host: UInt128) -> IPAddress {
    IPAddress(family: .v6, value: 0xfd53_7762 << 96 | subnet << 80 | host)
  }
}
