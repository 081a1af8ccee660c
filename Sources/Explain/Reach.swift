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
  /// Numbers that policies name, ends of ranges among them: containers need not name what they listen at.
  private let named: Set<Port>
  /// A number that nobody names: all of those behave alike.
  private let other: UInt16

  /// - Parameter containerPorts: those that pods' containers name.
  package init(_ snapshot: ClusterSnapshot, containerPorts: [ObjectName: Set<Port>]) {
    self.snapshot = snapshot
    self.containerPorts = containerPorts
    judge = PolicyJudge(snapshot, nameServerAddresses: [])
    let rules = snapshot.policies.values.flatMap { ($0.ingress ?? []) + ($0.egress ?? []) }
    var ranges: [(TransportProtocol, ClosedRange<UInt16>)] = []
    for port in rules.flatMap({ $0.ports ?? [] }) {
      if case .numbers(let transport, let range) = port { ranges.append((transport, range)) }
    }
    named = Set(
      ranges.flatMap { [.numbered($0.0, $0.1.lowerBound), .numbered($0.0, $0.1.upperBound)] })
    var taken = ranges.map(\.1)
    for case .numbered(_, let number) in containerPorts.values.joined() { taken.append(number...number) }
    other = (1...UInt16.max).reversed().first { number in !taken.contains { $0.contains(number) } } ?? UInt16.max
  }

  /// Pods that policies can judge, by name.
  package func pods(in namespace: String?) -> [ObjectName] {
    snapshot.pods.values
      .filter { !$0.usesHostNetwork && !$0.addresses.isEmpty && (namespace == nil || $0.name.namespace == namespace) }
      .map(\.name).sorted()
  }

  package func ports(of pod: ObjectName) -> [Port] {
    containerPorts[pod, default: []].union(named).union([.other(.tcp), .other(.udp)]).sorted()
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
    // Nothing changes between two pods that no policy that differs is about.
    let concerned = concerned(by: changed)
    var found: [Difference] = []
    for source in pods {
      for destination in pods
      where destination != source && (concerned.contains(source) || concerned.contains(destination)) {
        let pair = Pair(source, destination)
        for port in Set(ports(of: destination)).union(changed.ports(of: destination)).sorted() {
          let (before, after) = (allows(pair, port), changed.allows(pair, port))
          if before != after { found.append(Difference(pair: pair, port: port, opens: after)) }
        }
      }
    }
    return found
  }

  /// Pods that a policy which is not the same in both selects in either.
  private func concerned(by changed: Reach) -> Set<ObjectName> {
    let names = Set(snapshot.policies.keys).union(changed.snapshot.policies.keys)
    let differing = names.filter { snapshot.policies[$0] != changed.snapshot.policies[$0] }
    let policies = differing.flatMap { [snapshot.policies[$0], changed.snapshot.policies[$0]].compactMap(\.self) }
    return Set(
      snapshot.pods.values.filter { pod in
        policies.contains { policy in
          policy.name.namespace == pod.name.namespace && policy.subjects.matches { pod.labels[$0] }
        }
      }.map(\.name))
  }
}
