package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// What the network needs of a NetworkPolicy.
package struct NetworkPolicyModel: Hashable, Sendable {
  package var name: ObjectName
  /// Counts versions of all objects alike; for whoever waits until a version has been seen.
  package var revision: UInt64 = 0
  package var uid = ""
  /// Whether it is tried out: nothing is enforced, and what would have been denied is told.
  package var isAudited = false
  /// The pods of its namespace it is about.
  package var subjects = LabelSelector.everything
  /// What it allows into its subjects; `nil` where it says nothing about what comes in.
  package var ingress: [Rule]?
  package var egress: [Rule]?

  package init(name: ObjectName) { self.name = name }
}

extension NetworkPolicyModel {
  /// One allowance: these peers at these ports.
  package struct Rule: Hashable, Sendable {
    /// `nil`: anybody.
    package var peers: [Peer]?
    /// `nil`: everything, whatever the protocol.
    package var ports: [Port]?

    package init(peers: [Peer]? = nil, ports: [Port]? = nil) {
      self.peers = peers
      self.ports = ports
    }
  }

  package enum Peer: Hashable, Sendable {
    case pods(PodSelector)
    /// Addresses, whoever has them.
    case block(CIDR, except: [CIDR])
  }

  /// Pods by their labels, in one namespace or in those with certain labels.
  package struct PodSelector: Hashable, Sendable {
    package enum Namespaces: Hashable, Sendable {
      case named(String)
      case labelled(LabelSelector)
    }

    package let namespaces: Namespaces
    package let pods: LabelSelector

    package init(_ namespaces: Namespaces, pods: LabelSelector = .everything) {
      self.namespaces = namespaces
      self.pods = pods
    }
  }

  package enum Port: Hashable, Sendable {
    case all(TransportProtocol)
    case numbers(TransportProtocol, ClosedRange<UInt16>)
    /// A container port's name, which may mean another number on each pod.
    case named(TransportProtocol, String)
  }
}

extension NetworkPolicyModel {
  /// Reads an object of kind NetworkPolicy. A selector that does not parse selects nothing, and a peer or port that says
  /// nothing known allows nothing.
  package init(object: JSON) {
    self.init(name: object.objectName)
    revision = UInt64(object.resourceVersion) ?? 0
    uid = object.uid
    isAudited = PolicyAuditAnnotation.isSet(on: object)
    let spec = object.spec
    if let selector = spec["podSelector"] { subjects = (try? LabelSelector(object: selector)) ?? .nothing }
    let egress = spec["egress"]?.items ?? []
    var types = Set((spec["policyTypes"]?.items ?? []).compactMap(\.string))
    if types.isEmpty { types = egress.isEmpty ? ["Ingress"] : ["Ingress", "Egress"] }
    let namespace = name.namespace
    if types.contains("Ingress") {
      ingress = (spec["ingress"]?.items ?? []).map { Rule($0, peers: $0["from"], namespace) }
    }
    if types.contains("Egress") { self.egress = egress.map { Rule($0, peers: $0["to"], namespace) } }
  }
}

extension NetworkPolicyModel.Rule {
  fileprivate init(_ rule: JSON, peers: JSON?, _ namespace: String) {
    let peers = peers?.items ?? []
    let ports = rule["ports"]?.items ?? []
    self.init(
      peers: peers.isEmpty ? nil : peers.compactMap { NetworkPolicyModel.Peer($0, namespace) },
      ports: ports.isEmpty ? nil : ports.compactMap { NetworkPolicyModel.Port($0) })
  }
}

extension NetworkPolicyModel.Peer {
  fileprivate init?(_ peer: JSON, _ namespace: String) {
    if let block = peer["ipBlock"] {
      guard let cidr = block["cidr"]?.string.flatMap({ CIDR($0) }) else { return nil }
      self = .block(cidr, except: (block["except"]?.items ?? []).compactMap { $0.string.flatMap { CIDR($0) } })
      return
    }
    let (pods, namespaces) = (peer["podSelector"], peer["namespaceSelector"])
    guard pods != nil || namespaces != nil, let pods = Self.selector(pods) else { return nil }
    guard namespaces != nil else {
      self = .pods(.init(.named(namespace), pods: pods))
      return
    }
    guard let namespaces = Self.selector(namespaces) else { return nil }
    self = .pods(.init(.labelled(namespaces), pods: pods))
  }

  private static func selector(_ object: JSON?) -> LabelSelector? {
    object == nil ? .everything : try? LabelSelector(object: object)
  }
}

extension NetworkPolicyModel.Port {
  fileprivate init?(_ port: JSON) {
    guard let transport = TransportProtocol(field: port["protocol"]) else { return nil }
    guard let value = port["port"], !value.isNull else {
      self = .all(transport)
      return
    }
    if let name = value.string {
      self = .named(transport, name)
      return
    }
    guard let first = value.int.flatMap(UInt16.init(exactly:)) else { return nil }
    let last = port["endPort"]?.int.flatMap(UInt16.init(exactly:)) ?? first
    guard first <= last else { return nil }
    self = .numbers(transport, first...last)
  }
}
