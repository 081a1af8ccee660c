package import ClusterModel
internal import HashTreeCollections
package import KubernetesAPI
package import NetworkTypes
package import PolicyPlan

/// Which pods policies let reach which others, and where.
package struct Reach: Sendable {
  /// A port worth telling of: one that the receiver's containers name, or any other.
  package enum Port: Hashable, Sendable, Comparable, CustomStringConvertible {
    case numbered(TransportProtocol, UInt16)
    /// Stands for what no container and no policy names.
    case other(TransportProtocol)

    package var description: String {
      switch self {
      case .numbered(let transport, let number): "\(number)/\(transport.rawValue)"
      case .other(let transport): "other \(transport.rawValue) ports"
      }
    }

    private var order: (Int, UInt8, UInt16) {
      switch self {
      case .numbered(let transport, let number): (0, transport.number, number)
      case .other(let transport): (1, transport.number, 0)
      }
    }

    package static func < (left: Self, right: Self) -> Bool { left.order < right.order }
  }

  package struct Pair: Hashable, Sendable, Comparable {
    package let source: ObjectName
    package let destination: ObjectName

    package init(_ source: ObjectName, _ destination: ObjectName) {
      self.source = source
      self.destination = destination
    }

    package static func < (left: Self, right: Self) -> Bool {
      (left.source, left.destination) < (right.source, right.destination)
    }
  }

  private let snapshot: ClusterSnapshot
  private let containerPorts: [ObjectName: Set<Port>]
  private let judge: PolicyJudge
  /// A number that nobody names: all of those behave alike.
  private let other: UInt16

  /// - Parameter containerPorts: those that pods' containers name.
  package init(_ snapshot: ClusterSnapshot, containerPorts: [ObjectName: Set<Port>]) {
    self.snapshot = snapshot
    self.containerPorts = containerPorts
    judge = PolicyJudge(snapshot, nameServerAddresses: [])
    let rules = snapshot.policies.values.flatMap { ($0.ingress ?? []) + ($0.egress ?? []) }
    var taken: Set<UInt16> = []
    for port in rules.flatMap({ $0.ports ?? [] }) { if case .numbers(_, let range) = port { taken.formUnion(range) } }
    for case .numbered(_, let number) in containerPorts.values.joined() { taken.insert(number) }
    other = (1...UInt16.max).reversed().first { !taken.contains($0) } ?? UInt16.max
  }

  /// Pods that policies can judge, by name.
  package func pods(in namespace: String?) -> [ObjectName] {
    snapshot.pods.values
      .filter { !$0.usesHostNetwork && !$0.addresses.isEmpty && (namespace == nil || $0.name.namespace == namespace) }
      .map(\.name).sorted()
  }

  package func ports(of pod: ObjectName) -> [Port] {
    containerPorts[pod, default: []].union([.other(.tcp), .other(.udp)]).sorted()
  }

  package func allows(_ pair: Pair, _ port: Port) -> Bool {
    guard let source = snapshot.pods[pair.source], let destination = snapshot.pods[pair.destination],
      let (from, to) = addresses(source, destination)
    else { return false }
    let (transport, number) = number(port)
    let flow = PolicyFlow(
      from: FlowParty(from, pod: source), to: FlowParty(to, pod: destination), transport, number)
    return judge.egress(flow).isAllowed && judge.ingress(flow).isAllowed
  }

  /// Of the first family that both have.
  private func addresses(_ source: PodModel, _ destination: PodModel) -> (IPAddress, IPAddress)? {
    for address in source.addresses {
      if let other = destination.addresses.first(where: { $0.family == address.family }) { return (address, other) }
    }
    return nil
  }

  private func number(_ port: Port) -> (TransportProtocol, UInt16) {
    switch port {
    case .numbered(let transport, let number): (transport, number)
    case .other(let transport): (transport, other)
    }
  }
}

extension Reach {
  package struct Difference: Hashable, Sendable {
    package let pair: Pair
    package let port: Port
    package let opens: Bool
  }

  /// What would open or close between pods if the cluster were as `changed`.
  package func differences(to changed: Reach) -> [Difference] {
    let pods = Set(pods(in: nil)).intersection(changed.pods(in: nil)).sorted()
    var found: [Difference] = []
    for source in pods {
      for destination in pods where destination != source {
        let pair = Pair(source, destination)
        for port in ports(of: destination) {
          let (before, after) = (allows(pair, port), changed.allows(pair, port))
          if before != after { found.append(Difference(pair: pair, port: port, opens: after)) }
        }
      }
    }
    return found
  }
}
