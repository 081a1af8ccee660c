import ClusterModel
import Glibc
import HashTreeCollections
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import Netlink
import NetworkTypes

@testable import PodNetwork

/// A node in a network namespace of its own, with a pod network that is fed by hand.
final class TestNode {
  let name: String
  let address: IPAddress
  let block: CIDR
  let namespace: NetworkNamespace
  let routes: RouteSocket
  let folder: String
  private(set) var network: PodNetwork
  private(set) var snapshot = ClusterSnapshot()

  init(_ number: Int) throws {
    name = "node-\(number)"
    address = IPAddress("172.30.0.\(10 + number)")!
    block = CIDR("10.244.\(number).0/24")!
    namespace = try NetworkNamespace.create()
    routes = try RouteSocket(in: namespace)
    try routes.apply { $0.setUp(1) }
    folder = try Self.makeFolder()
    network = try Self.makeNetwork(name, folder, namespace)
    try namespace.run { for failure in NodeSettings.apply() { throw failure.error } }
  }

  deinit { try? FileTree.remove(folder) }

  private static func makeFolder() throws -> String {
    var template = Array("/tmp/swb-podnetwork-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw KernelError(errno: errno, operation: "mkdtemp") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func makeNetwork(_ name: String, _ folder: String, _ namespace: NetworkNamespace) throws -> PodNetwork
  {
    var configuration = PodNetworkConfiguration(
      nodeName: name, clusterCIDRs: [CIDR("10.244.0.0/16")!], serviceCIDRs: [CIDR("10.96.0.0/12")!])
    configuration.socketPath = "\(folder)/cni.sock"
    configuration.conflistPath = "\(folder)/net.d/10-switchboard.conflist"
    return try PodNetwork(configuration, feed: ClusterFeed(), namespace: namespace, logger: Logger(label: "test"))
  }

  /// A new process after the old one was killed: nothing but the kernel is left.
  func restart() throws {
    network = try Self.makeNetwork(name, folder, namespace)
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
    node.addresses = [address]
    node.podCIDRs = [block]
    return node
  }

  private var hasTaken = false

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
    for node in [one, two] { try node.holdAddress() }
    // Settles the link, or the first packet might be lost for a second.
    for node in [one, two] { _ = try node.routes.hasCarrier("eth0") }
  }

  private func holdAddress() throws {
    let link = try routes.index(of: "eth0")
    try routes.apply {
      $0.setUp(link)
      $0.add(InterfaceAddress(address, prefixLength: 24, link: link))
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
