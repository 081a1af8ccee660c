import ClusterModel
import Glibc
import HashTreeCollections
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import Netlink
import NetworkTypes
import SwitchboardTesting

@testable import PodNetwork

/// A node in a network namespace of its own, with a pod network that is fed by hand.
final class TestNode {
  let name: String
  /// One of each of the node's families.
  let addresses: [IPAddress]
  let blocks: [CIDR]
  let namespace: NetworkNamespace
  let routes: RouteSocket
  let folder: String
  private(set) var network: PodNetwork
  private(set) var snapshot = ClusterSnapshot()

  /// - Parameter link: number of the link the node is on; nodes on one link have addresses of one subnet.
  init(_ number: Int, families: [IPAddress.Family] = [.v4], link: Int = 0) throws {
    name = "node-\(number)"
    addresses = families.map {
      $0 == .v4 ? IPAddress("172.30.\(link).\(10 + number)")! : IPAddress("fd53:7762:0:\(link)::\(10 + number)")!
    }
    blocks = families.map { $0 == .v4 ? CIDR("10.244.\(number).0/24")! : CIDR("fd53:7762:1:\(number)::/64")! }
    namespace = try NetworkNamespace.create()
    routes = try RouteSocket(in: namespace)
    try routes.apply { $0.setUp(1) }
    folder = try Self.makeFolder()
    network = try Self.makeNetwork(name, folder, namespace, families)
    try namespace.run { for failure in NodeSettings.apply(Set(families)) { throw failure.error } }
  }

  /// The first of the node's addresses.
  var address: IPAddress { addresses[0] }

  func address(_ family: IPAddress.Family) -> IPAddress { addresses.first { $0.family == family }! }

  deinit { try? FileTree.remove(folder) }

  private static func makeFolder() throws -> String {
    var template = Array("/tmp/swb-podnetwork-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw KernelError(errno: errno, operation: "mkdtemp") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func makeNetwork(
    _ name: String, _ folder: String, _ namespace: NetworkNamespace, _ families: [IPAddress.Family]
  ) throws -> PodNetwork {
    var configuration = PodNetworkConfiguration(
      nodeName: name, clusterCIDRs: families.map { CIDR($0 == .v4 ? "10.244.0.0/16" : "fd53:7762:1::/56")! },
      serviceCIDRs: families.map { CIDR($0 == .v4 ? "10.96.0.0/12" : "fd53:7762:2::/112")! })
    configuration.socketPath = "\(folder)/cni.sock"
    configuration.conflistPath = "\(folder)/net.d/10-switchboard.conflist"
    return try PodNetwork(configuration, feed: ClusterFeed(), namespace: namespace, logger: Logger(label: "test"))
  }

  /// A new process after the old one was killed: nothing but the kernel is left.
  func restart() throws {
    network = try Self.makeNetwork(name, folder, namespace, addresses.map(\.family))
    var update = ClusterUpdate(snapshot: snapshot, change: ClusterChange(), isFirst: true)
    var change = ClusterChange()
    change.nodes = Set(snapshot.nodes.keys)
    change.pods = Set(snapshot.pods.keys)
    change.services = Set(snapshot.slices.keys)
    update = ClusterUpdate(snapshot: snapshot, change: change, isFirst: true)
    network.take(update)
  }

  var model: NodeModel {
    var node = NodeModel(name: name)
    node.addresses = addresses
    node.podCIDRs = blocks
    return node
  }

  private var hasTaken = false
  /// Where its links lead to. A namespace that nobody holds goes some time later, and a link with either of its ends.
  private var neighbours: [NetworkNamespace] = []

  /// Tells the pod network of events.
  func take(_ events: ClusterEvent...) {
    var change = ClusterChange()
    for event in events { change.merge(snapshot.apply(event)) }
    network.take(ClusterUpdate(snapshot: snapshot, change: change, isFirst: !hasTaken))
    hasTaken = true
  }

  /// Puts two nodes on one link.
  static func connect(_ one: TestNode, _ two: TestNode) throws {
    try one.routes.apply {
      $0.createVeth(.init(name: "eth0"), peer: .init(name: "eth0", namespace: two.namespace.descriptor.rawValue))
    }
    one.neighbours.append(two.namespace)
    two.neighbours.append(one.namespace)
    for node in [one, two] { try node.holdAddresses() }
    // Settles the link, or the first packet might be lost for a second.
    for node in [one, two] { _ = try node.routes.hasCarrier("eth0") }
    for node in [one, two] { try node.namespace.settleAddresses() }
  }

  /// Brings up eth0 with the node's addresses, in force at once.
  func holdAddresses() throws {
    let link = try routes.index(of: "eth0")
    try namespace.run { _ = try Sysctl.set("net/ipv6/conf/eth0/accept_dad", to: "0") }
    try routes.apply { batch in
      batch.setUp(link)
      for address in addresses {
        batch.add(InterfaceAddress(address, prefixLength: address.family == .v4 ? 24 : 64, link: link))
      }
    }
  }
}

/// A pod's network namespace, bound to a path as a container runtime has it.
///
/// `@unchecked Sendable`: a test uses each of its pods from one task at a time.
final class TestPod: @unchecked Sendable {
  let containerID: String
  let namespace: NetworkNamespace
  private(set) var addresses: [IPAddress] = []

  init(_ containerID: String) throws {
    self.containerID = containerID
    namespace = try NetworkNamespace.create()
  }

  var address: IPAddress { addresses[0] }
  func address(_ family: IPAddress.Family) -> IPAddress { addresses.first { $0.family == family }! }
  var path: String { "/proc/self/fd/\(namespace.descriptor.rawValue)" }

  func request(_ command: String, configuration: JSON = [:], netns: String? = nil) -> JSON {
    var configuration = configuration
    if configuration["cniVersion"] == nil { configuration["cniVersion"] = "1.0.0" }
    configuration["name"] = "switchboard"
    return [
      "command": .string(command), "containerID": .string(containerID), "netns": .string(netns ?? path),
      "ifName": "eth0",
      "args": .string(
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=\(containerID);K8S_POD_UID=uid-\(containerID)"),
      "path": "/opt/cni/bin", "config": configuration,
    ]
  }

  /// Attaches the pod; throws what the plugin would print.
  @discardableResult
  func attach(to node: TestNode) throws -> JSON {
    let result = try call("ADD", node)
    addresses = (result["ips"]?.items ?? []).compactMap { $0["address"]?.string.flatMap { CIDR($0)?.base } }
    return result
  }

  @discardableResult
  func call(_ command: String, _ node: TestNode, configuration: JSON = [:], netns: String? = nil) throws -> JSON {
    let answer = node.network.handler.answer(request(command, configuration: configuration, netns: netns).encoded())
    if let error = answer["error"] {
      throw CNIError(
        CNIError.Code(rawValue: error["code"]?.int ?? 0) ?? .kernel, error["msg"]?.string ?? "",
        details: error["details"]?.string ?? "")
    }
    return answer["result"] ?? .null
  }
}
