import ClusterModel
import HashTreeCollections
import KubernetesAPI
import LinuxKernel
import NFTables
import Netlink
import NetworkTypes
import PolicyPlan
import SwitchboardTesting

@testable import PolicyEnforcer

/// A drawn cluster in the kernel: a network namespace for each node and pod and one for the outside, linked by a router
/// that lets everything pass; each node has its policies in force.
final class PolicyNetwork {
  private let cluster: RandomPolicyCluster
  private let router: NetworkNamespace
  private let outside: NetworkNamespace
  private var nodes: [String: NetworkNamespace] = [:]
  private var pods: [ObjectName: NetworkNamespace] = [:]
  private let models: [ObjectName: PodModel]

  init(_ cluster: RandomPolicyCluster, outsideAddresses: [IPAddress]) throws {
    self.cluster = cluster
    router = try Self.namespace()
    outside = try Self.namespace()
    models = Dictionary(
      uniqueKeysWithValues: cluster.pods.map { PodModel(object: $0) }.filter { !$0.addresses.isEmpty }.map {
        ($0.name, $0)
      })
    // Whoever asks for a link address without having one of its own is answered for none but its own.
    try hold(IPAddress(v4: 100, 64, 0, 1), on: "lo", in: router)
    try link(outside, "out", outsideAddresses, to: router, "out")
    for address in outsideAddresses { try hold(address, on: "lo", in: outside) }
    for object in cluster.nodes {
      let node = NodeModel(object: object)
      let namespace = try Self.namespace()
      nodes[node.name] = namespace
      let own = models.values.filter { $0.nodeName == node.name && !$0.usesHostNetwork }
      try link(namespace, "up", node.addresses + own.flatMap(\.addresses), to: router, "n\(nodes.count)")
      for address in node.addresses + cluster.dnsAddresses { try hold(address, on: "lo", in: namespace) }
      for (index, pod) in own.sorted(by: { $0.name < $1.name }).enumerated() {
        let place = try Self.namespace()
        pods[pod.name] = place
        try link(place, "eth0", pod.addresses, to: namespace, "p\(index)")
        for address in pod.addresses { try hold(address, on: "lo", in: place) }
      }
      try enforce(on: node.name, namespace)
    }
  }

  private static func namespace() throws -> NetworkNamespace {
    let namespace = try NetworkNamespace.create()
    try namespace.run {
      for (name, value) in [
        ("net/ipv4/ip_forward", "1"), ("net/ipv6/conf/all/forwarding", "1"), ("net/ipv4/icmp_ratelimit", "0"),
        ("net/ipv4/icmp_msgs_per_sec", "1000000"), ("net/ipv4/icmp_msgs_burst", "1000000"),
        ("net/ipv4/conf/all/rp_filter", "0"), ("net/ipv4/conf/default/proxy_arp", "1"),
      ] { _ = try Sysctl.set(name, to: value) }
    }
    let routes = try RouteSocket(in: namespace)
    try routes.apply { $0.setUp(1) }
    return namespace
  }

  /// A pair between two namespaces; `far` finds the addresses by it, and `near` everything else.
  private func link(
    _ near: NetworkNamespace, _ name: String, _ addresses: [IPAddress], to far: NetworkNamespace, _ farName: String
  ) throws {
    let (inside, beyond) = (try RouteSocket(in: near), try RouteSocket(in: far))
    try inside.apply {
      $0.createVeth(.init(name: name), peer: .init(name: farName, namespace: far.descriptor.rawValue))
    }
    let (index, other) = (try inside.index(of: name), try beyond.index(of: farName))
    try inside.apply {
      $0.setUp(index)
      $0.add(Route(to: CIDR(IPAddress(v4: 0, 0, 0, 0), prefixLength: 0)!, link: index))
    }
    // An answer on another's behalf would come up to 0.8 s late.
    for (namespace, name) in [(near, name), (far, farName)] {
      try namespace.run { _ = try Sysctl.set("net/ipv4/neigh/\(name)/proxy_delay", to: "0") }
    }
    try beyond.apply { batch in
      batch.setUp(other)
      for address in addresses { batch.add(Route(to: CIDR(host: address), link: other)) }
    }
  }

  private func hold(_ address: IPAddress, on name: String, in namespace: NetworkNamespace) throws {
    let routes = try RouteSocket(in: namespace)
    let index = try routes.index(of: name)
    try routes.apply { $0.add(InterfaceAddress(address, link: index)) }
  }

  private func enforce(on node: String, _ namespace: NetworkNamespace) throws {
    var plan = PolicyPlan(.init(nodeName: node, family: .v4, nameServerAddresses: cluster.dnsAddresses))
    var kernel = PolicyKernel(rules: PolicyRules(family: .v4), connection: try NFTConnection(in: namespace))
    let feed = ClusterFeed()
    feed.apply(cluster.objects.compactMap { ClusterEvent(kind: $0.kind, object: $0.object, isRemoved: false) })
    for pod in models.values where pod.nodeName == node && !pod.usesHostNetwork {
      feed.apply(pod.addresses.map { .attached($0, podUID: pod.uid) })
    }
    var change = ClusterChange()
    change.pods = Set(feed.snapshot.pods.keys)
    change.namespaces = Set(feed.snapshot.namespaces.keys)
    change.nodes = Set(feed.snapshot.nodes.keys)
    change.policies = Set(feed.snapshot.policies.keys)
    change.attachments = Set(feed.snapshot.attachments.keys)
    try kernel.commit(plan.update(ClusterUpdate(snapshot: feed.snapshot, change: change, isFirst: true)))
  }

  /// Whether the first packet of each flow gets there and an answer back.
  func reaches(_ questions: [RandomPolicyCluster.Question]) throws -> [Bool] {
    var volley = FlowVolley()
    for question in questions {
      guard let sender = place(question.source), let target = address(question.destination) else {
        preconditionFailure("\(question) is about nobody")
      }
      let source = question.source.isOutside ? address(question.source) : nil
      try volley.send(
        [.init(from: source, to: SocketEndpoint(target, question.port), question.transport)], from: sender)
    }
    return volley.results(within: .milliseconds(1500))
  }

  private func place(_ party: PolicyOracle.Party) -> NetworkNamespace? {
    switch party {
    case .node(let name): nodes[name]
    case .pod(let name): pods[name] ?? models[name].flatMap { nodes[$0.nodeName] }
    case .address: outside
    }
  }

  private func address(_ party: PolicyOracle.Party) -> IPAddress? {
    switch party {
    case .address(let address): address
    case .pod(let name): models[name]?.addresses.first
    case .node(let name):
      cluster.nodes.first { $0.name == name }.flatMap { NodeModel(object: $0).addresses.first { $0.family == .v4 } }
    }
  }
}

extension PolicyOracle.Party {
  fileprivate var isOutside: Bool { if case .address = self { true } else { false } }
}
