package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// What NetworkPolicies let through, read straight from the field documentation of networking.k8s.io/v1.
///
/// It is slow and obvious on purpose: every question walks every object again. It shares no selector and no matching of
/// blocks with what it is to check.
///
/// What the documentation leaves to implementations is chosen so:
/// - A pod on its node's network is its node: no policy is about it, no selector finds it, an `ipBlock` finds its address.
/// - A pod reaches itself whatever the policies say.
/// - What a node's own processes send to the node's pods comes in; what pods send to their own node is judged.
/// - The cluster DNS address stands for a pod of `kube-system` labelled `k8s-app: kube-dns` that no policy isolates, and
///   for the address that it is.
/// - A pod without an address (it has finished, or has none yet) is nobody: nothing reaches it, and it sends nothing.
package struct PolicyOracle: Sendable {
  /// Who sends, or who is sent to.
  package enum Party: Hashable, Sendable, CustomStringConvertible {
    case pod(ObjectName)
    /// Anything with this address: outside of the cluster, a node, the cluster DNS, or a pod.
    case address(IPAddress)
    /// The node's own processes.
    case node(String)

    package var description: String {
      switch self {
      case .pod(let name): "pod \(name)"
      case .address(let address): "\(address)"
      case .node(let name): "node \(name)"
      }
    }
  }

  let namespaces: [JSON]
  let pods: [JSON]
  let nodes: [JSON]
  let policies: [JSON]
  let dnsAddresses: [IPAddress]

  package init(
    namespaces: [JSON], pods: [JSON], nodes: [JSON], policies: [JSON], dnsAddresses: [IPAddress] = []
  ) {
    self.namespaces = namespaces
    self.pods = pods
    self.nodes = nodes
    self.policies = policies
    self.dnsAddresses = dnsAddresses
  }

  /// Whether `destination` gets what `source` sends to its port.
  /// - Parameter family: Of the addresses that are used. Where nothing is said, that of a party that is an address, or else
  ///   of the first address of the source.
  package func allows(
    from source: Party, to destination: Party, _ transport: TransportProtocol, port: UInt16,
    family: IPAddress.Family? = nil
  ) -> Bool {
    guard let family = family ?? self.family(source, destination),
      let sender = end(source, family), let receiver = end(destination, family, isDestination: true)
    else { return false }
    if let pod = sender.pod, pod.objectName == receiver.pod?.objectName { return true }
    let target = Target(end: receiver, transport: transport, port: port)
    return isAllowed(.egress, of: sender, with: receiver, target)
      && (sender.node != nil && sender.node == receiver.pod?.spec["nodeName"]?.string
        || isAllowed(.ingress, of: receiver, with: sender, target))
  }

  // MARK: Both ends

  /// One end of a conversation, as policies see it.
  struct End {
    let address: IPAddress
    /// What selectors look at. None for a node, a pod on its node's network, and what lies outside.
    var pod: JSON?
    /// Whether policies can isolate the pod.
    var isSubject = false
    /// The node whose own process this is.
    var node: String?
  }

  private func family(_ source: Party, _ destination: Party) -> IPAddress.Family? {
    if case .address(let address) = source { return address.family }
    if case .address(let address) = destination { return address.family }
    return IPAddress.Family.allCases.first { end(source, $0) != nil && end(destination, $0) != nil }
  }

  /// `nil` for who has no address of the family.
  private func end(_ party: Party, _ family: IPAddress.Family, isDestination: Bool = false) -> End? {
    switch party {
    case .pod(let name):
      guard let pod = pods.first(where: { $0.objectName == name }), !hasFinished(pod) else { return nil }
      if isOnHostNetwork(pod) { return end(.node(pod.spec["nodeName"]?.string ?? ""), family) }
      return podAddresses(pod).first { $0.family == family }.map { End(address: $0, pod: pod, isSubject: true) }
    case .node(let name):
      guard let node = nodes.first(where: { $0.name == name }) else { return nil }
      return nodeAddresses(node).first { $0.family == family }.map { End(address: $0, node: name) }
    case .address(let address):
      guard address.family == family else { return nil }
      let owner = pods.first {
        !hasFinished($0) && !isOnHostNetwork($0) && podAddresses($0).contains(address)
      }
      if let owner { return End(address: address, pod: owner, isSubject: true) }
      if let node = nodes.first(where: { nodeAddresses($0).contains(address) }) {
        return End(address: address, node: node.name)
      }
      if isDestination, dnsAddresses.contains(address) { return End(address: address, pod: Self.nameServer) }
      return End(address: address)
    }
  }

  /// The pod that the cluster DNS address stands for.
  private static let nameServer: JSON = [
    "metadata": ["namespace": "kube-system", "name": "", "labels": ["k8s-app": "kube-dns"]],
    "spec": [
      "containers": [
        [
          "ports": [
            ["name": "dns", "containerPort": 53, "protocol": "UDP"],
            ["name": "dns-tcp", "containerPort": 53, "protocol": "TCP"],
          ]
        ]
      ]
    ],
  ]

  private func hasFinished(_ pod: JSON) -> Bool {
    pod.status["phase"]?.string == "Succeeded" || pod.status["phase"]?.string == "Failed"
  }

  private func isOnHostNetwork(_ pod: JSON) -> Bool { pod.spec["hostNetwork"]?.bool == true }

  private func podAddresses(_ pod: JSON) -> [IPAddress] {
    let texts = [pod.status["podIP"]?.string] + (pod.status["podIPs"]?.items ?? []).map { $0["ip"]?.string }
    return texts.compactMap { $0.flatMap { IPAddress($0) } }
  }

  private func nodeAddresses(_ node: JSON) -> [IPAddress] {
    (node.status["addresses"]?.items ?? []).filter { $0["type"]?.string == "InternalIP" }
      .compactMap { $0["address"]?.string.flatMap { IPAddress($0) } }
  }

  // MARK: One direction

  enum Direction {
    case ingress
    case egress

    /// Its name in `policyTypes`.
    var policyType: String { self == .ingress ? "Ingress" : "Egress" }
    /// The member of the spec that holds its rules.
    var rules: String { self == .ingress ? "ingress" : "egress" }
    /// The member of a rule that holds its peers.
    var peers: String { self == .ingress ? "from" : "to" }
  }

  /// Where the packet goes.
  struct Target {
    let end: End
    let transport: TransportProtocol
    let port: UInt16
  }

  /// A pod is isolated in a direction by any policy that selects it and has the direction among its types; what a rule of
  /// any such policy names is allowed then.
  private func isAllowed(_ direction: Direction, of subject: End, with peer: End, _ target: Target) -> Bool {
    guard subject.isSubject, let pod = subject.pod else { return true }
    let isolating = policies.filter { policy in
      policy.namespace == pod.namespace
        && matches(selector: policy.spec["podSelector"] ?? [:], labels: pod.labels)
        && policyTypes(of: policy).contains(direction.policyType)
    }
    if isolating.isEmpty { return true }
    return isolating.contains { policy in
      (policy.spec[direction.rules]?.items ?? []).contains { rule in
        let peers = rule[direction.peers]?.items ?? []
        let ports = rule["ports"]?.items ?? []
        return (peers.isEmpty || peers.contains { matches(peer: $0, of: policy, peer) })
          && (ports.isEmpty || ports.contains { matches(port: $0, target) })
      }
    }
  }

  private func policyTypes(of policy: JSON) -> [String] {
    let stated = (policy.spec["policyTypes"]?.items ?? []).compactMap(\.string)
    if !stated.isEmpty { return stated }
    let hasEgressRules = policy.spec["egress"]?.items.isEmpty == false
    return hasEgressRules ? ["Ingress", "Egress"] : ["Ingress"]
  }
}
