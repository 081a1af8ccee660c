import ClusterModel
import NetworkTypes

/// The addresses of a ``ServiceLab``, in one family.
struct LabAddresses: Sendable {
  let family: IPAddress.Family
  let serviceBlock: CIDR
  let clusterDNS: IPAddress
  /// This node's pod, and the node towards it.
  let pod: IPAddress
  let podBlock: CIDR
  let podGateway: IPAddress
  /// The link between the nodes.
  let node: IPAddress
  let peer: IPAddress
  let peerBlock: CIDR
  /// The world outside, and the node towards it.
  let outside: IPAddress
  let outsideGateway: IPAddress
  /// Addresses nobody holds, which the outside sends to the node.
  let externalBlock: CIDR

  static let v4 = LabAddresses(
    family: .v4, serviceBlock: CIDR("10.96.0.0/12")!, clusterDNS: IPAddress("10.96.0.10")!,
    pod: IPAddress("10.244.1.2")!, podBlock: CIDR("10.244.1.0/24")!, podGateway: IPAddress("10.244.1.1")!,
    node: IPAddress("172.30.0.11")!, peer: IPAddress("172.30.0.12")!, peerBlock: CIDR("10.244.2.0/24")!,
    outside: IPAddress("192.0.2.2")!, outsideGateway: IPAddress("192.0.2.1")!,
    externalBlock: CIDR("198.51.100.0/24")!)

  static let v6 = LabAddresses(
    family: .v6, serviceBlock: CIDR("fd10:96::/112")!, clusterDNS: IPAddress("fd10:96::a")!,
    pod: IPAddress("fd10:244:1::2")!, podBlock: CIDR("fd10:244:1::/64")!, podGateway: IPAddress("fd10:244:1::1")!,
    node: IPAddress("fd10:30::11")!, peer: IPAddress("fd10:30::12")!, peerBlock: CIDR("fd10:244:2::/64")!,
    outside: IPAddress("2001:db8:2::2")!, outsideGateway: IPAddress("2001:db8:2::1")!,
    externalBlock: CIDR("2001:db8:64::/64")!)

  static func of(_ family: IPAddress.Family) -> LabAddresses { family == .v4 ? v4 : v6 }

  /// The prefix of the links.
  var linkLength: Int { family == .v4 ? 24 : 64 }
  /// Ten endpoints on the other node.
  var endpoints: [SocketEndpoint] {
    (1...10).map { SocketEndpoint(peerBlock.base.advanced(by: UInt128($0)), 8080) }
  }
  /// The pod of this node as an endpoint.
  var localEndpoint: SocketEndpoint { SocketEndpoint(pod, 8080) }
  func service(_ number: Int) -> IPAddress { serviceBlock.base.advanced(by: UInt128(number)) }
  func external(_ number: Int) -> IPAddress { externalBlock.base.advanced(by: UInt128(number)) }

  var nodeModel: NodeModel {
    var model = NodeModel(name: "node-1")
    model.addresses = [node]
    model.podCIDRs = [podBlock]
    model.zone = "here"
    return model
  }
}
