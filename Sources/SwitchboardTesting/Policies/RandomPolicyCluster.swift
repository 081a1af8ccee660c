package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// A small cluster with policies, drawn from a seed: the same seed gives the same cluster.
///
/// Labels, ports and blocks come from small stocks, so that what policies name exists more often than not. Every object is
/// one that the API server takes. Objects are as a user writes them: the server's defaults are not filled in.
package struct RandomPolicyCluster: Sendable, CustomStringConvertible {
  package let seed: UInt64
  package let families: [IPAddress.Family]
  package internal(set) var namespaces: [JSON] = []
  package internal(set) var nodes: [JSON] = []
  /// With their status, which the API server takes in a request of its own.
  package internal(set) var pods: [JSON] = []
  package internal(set) var policies: [JSON] = []
  /// Where the cluster's name server answers.
  package let dnsAddresses: [IPAddress]

  var random: SeededRandom

  /// - Parameter families: Of the pods' addresses; both for a cluster of two.
  package init(seed: UInt64, families: [IPAddress.Family] = [.v4]) {
    self.seed = seed
    self.families = families
    random = SeededRandom(seed: seed)
    dnsAddresses = families.map { $0 == .v4 ? IPAddress(v4: 10, 96, 0, 10) : Self.address("fd00:10:96::a") }
    drawNamespaces()
    drawNodes()
    drawPods()
    drawPolicies()
  }

  /// All objects, in an order in which they can be made.
  package var objects: [(kind: ResourceKind, object: JSON)] {
    namespaces.map { (.namespaces, $0) } + nodes.map { (.nodes, $0) } + pods.map { (.pods, $0) }
      + policies.map { (.networkPolicies, $0) }
  }

  package var oracle: PolicyOracle {
    PolicyOracle(
      namespaces: namespaces, pods: pods, nodes: nodes, policies: policies, dnsAddresses: dnsAddresses)
  }

  /// The cluster as text, an object a line: for the message of a test that fails.
  package var description: String {
    (["seed \(seed)"] + objects.map { "\($0.object)" }).joined(separator: "\n")
  }

  // MARK: Stocks

  static let labelStock: [(key: String, values: [String])] = [
    ("app", ["web", "api", "db"]), ("tier", ["front", "back"]), ("env", ["prod", "test", ""]),
  ]
  static let namespaceLabelStock: [(key: String, values: [String])] = [
    ("team", ["red", "blue"]), ("env", ["prod", "test"]),
  ]
  /// Names of container ports. Nobody has the last.
  static let portNames = ["http", "metrics", "dns", "admin", "nobody"]
  static let portNumbers: [Int64] = [53, 80, 443, 1024, 5353, 8080, 8081, 9090, 65535]

  /// Literals of this file and its neighbours only.
  static func address(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else { preconditionFailure("no address: \(text)") }
    return address
  }

  static func block(_ text: String) -> CIDR {
    guard let block = CIDR(text) else { preconditionFailure("no block: \(text)") }
    return block
  }

  /// All pods' addresses lie in it.
  static func podRange(_ family: IPAddress.Family) -> CIDR {
    block(family == .v4 ? "10.244.0.0/16" : "fd00:10:244::/48")
  }
  static func serviceRange(_ family: IPAddress.Family) -> CIDR {
    block(family == .v4 ? "10.96.0.0/16" : "fd00:10:96::/112")
  }
  static func nodeRange(_ family: IPAddress.Family) -> CIDR {
    block(family == .v4 ? "172.30.0.0/24" : "fd00:172:30::/64")
  }
  /// Where hosts outside of the cluster have their addresses: the blocks for documentation.
  static func outsideRanges(_ family: IPAddress.Family) -> [CIDR] {
    family == .v4
      ? [block("198.51.100.0/24"), block("203.0.113.0/24")] : [block("2001:db8:1::/64"), block("2001:db8:2::/64")]
  }

  // MARK: Namespaces and nodes

  private mutating func drawNamespaces() {
    let names = ["kube-system"] + ["one", "two", "three"].prefix(1 + random.below(3))
    namespaces = names.map { name in
      var labels = draw(labels: Self.namespaceLabelStock, share: 50)
      labels["kubernetes.io/metadata.name"] = .string(name)
      return ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name), "labels": .object(labels)]]
    }
  }

  private mutating func drawNodes() {
    nodes = (0..<random.below(3) + 1).map { index in
      let blocks = families.map { JSON.string(podBlock($0, node: index).description) }
      let addresses = families.map { family -> JSON in
        [
          "type": "InternalIP",
          "address": .string(Self.nodeRange(family).base.advanced(by: UInt128(index + 2)).description),
        ]
      }
      return [
        "apiVersion": "v1", "kind": "Node", "metadata": ["name": .string("node\(index)")],
        "spec": ["podCIDR": blocks[0], "podCIDRs": .array(blocks)],
        "status": [
          "addresses": .array(addresses + [["type": "Hostname", "address": .string("node\(index)")]]),
          "conditions": [["type": "Ready", "status": "True"]],
        ],
      ]
    }
  }

  func podBlock(_ family: IPAddress.Family, node: Int) -> CIDR {
    guard let block = Self.podRange(family).subnet(UInt128(node), prefixLength: family == .v4 ? 24 : 64) else {
      preconditionFailure("the range of pods has a block for each node")
    }
    return block
  }

  /// Each label of the stock in `share` of a hundred draws.
  mutating func draw(labels stock: [(key: String, values: [String])], share: Int) -> JSONObject {
    var labels = JSONObject()
    for (key, values) in stock where random.chance(share) { labels[key] = .string(random.pick(values)) }
    return labels
  }
}
