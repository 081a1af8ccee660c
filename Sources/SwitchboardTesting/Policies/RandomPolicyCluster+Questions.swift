import JSONTree
import KubernetesAPI
package import NetworkTypes

extension RandomPolicyCluster {
  /// Something to ask: whether one gets through to another.
  package struct Question: Hashable, Sendable, CustomStringConvertible {
    package let source: PolicyOracle.Party
    package let destination: PolicyOracle.Party
    package let transport: TransportProtocol
    package let port: UInt16
    package let family: IPAddress.Family

    package var description: String {
      "\(source) -> \(destination) \(transport.rawValue) \(port) over \(family.kubernetesName)"
    }
  }

  /// Somewhere a packet may be sent to.
  package struct Port: Hashable, Sendable, Comparable {
    package let transport: TransportProtocol
    package let number: UInt16

    package static func < (left: Self, right: Self) -> Bool {
      (left.transport, left.number) < (right.transport, right.number)
    }
  }

  // MARK: Parties

  /// Everybody worth asking about who has an address of the family: pods, nodes, and addresses outside.
  package func parties(_ family: IPAddress.Family) -> [PolicyOracle.Party] {
    let living = pods.filter { pod in
      !["Succeeded", "Failed"].contains(pod.status["phase"]?.string)
        && addresses(of: pod).contains { $0.family == family }
    }
    return living.map { .pod($0.objectName) } + nodes.map { .node($0.name) }
      + outsideAddresses(family).map { .address($0) }
  }

  /// Inside and outside of each block that a policy names, at both of its ends, as far as they lie outside of the cluster:
  /// what lies in it has an owner that is a party, or nobody. And one that no block ends at.
  package func outsideAddresses(_ family: IPAddress.Family) -> [IPAddress] {
    var found: Set<IPAddress> = [Self.outsideRanges(family)[0].base.advanced(by: 77)]
    for block in blocks where block.family == family {
      found.formUnion([
        block.base, block.last, block.base.advanced(by: .max), block.last.advanced(by: 1), middle(of: block),
      ])
    }
    return found.filter { address in Self.outsideRanges(family).contains { $0.contains(address) } }.sorted()
  }

  private func middle(of block: CIDR) -> IPAddress { block.base.advanced(by: block.count / 2) }

  /// All that policies name: what is let through, and what is left out.
  private var blocks: [CIDR] {
    var texts: [JSON?] = []
    for rule in rules {
      for peer in (rule["from"]?.items ?? []) + (rule["to"]?.items ?? []) {
        texts.append(peer["ipBlock"]?["cidr"])
        texts += peer["ipBlock"]?["except"]?.items ?? []
      }
    }
    return texts.compactMap { $0?.string.flatMap { CIDR($0) } }
  }

  private var rules: [JSON] {
    policies.flatMap { ($0.spec["ingress"]?.items ?? []) + ($0.spec["egress"]?.items ?? []) }
  }

  private func addresses(of pod: JSON) -> [IPAddress] {
    (pod.status["podIPs"]?.items ?? []).compactMap { $0["ip"]?.string.flatMap { IPAddress($0) } }
  }

  // MARK: Ports

  /// Every number that a policy or a container names, with its neighbours and by every protocol, and 53.
  package var ports: [Port] {
    let around = Set(mentioned.flatMap { [$0.number &- 1, $0.number, $0.number &+ 1] }).subtracting([0])
    return TransportProtocol.allCases.flatMap { transport in
      around.map { Port(transport: transport, number: $0) }
    }.sorted()
  }

  /// The same without neighbours, each by its own protocol.
  private var mentioned: [Port] {
    let containers = pods.flatMap { ($0.spec["containers"]?.items ?? []) + ($0.spec["initContainers"]?.items ?? []) }
    var found: Set<Port> = [Port(transport: .udp, number: 53)]
    for port in rules.flatMap({ $0["ports"]?.items ?? [] }) + containers.flatMap({ $0["ports"]?.items ?? [] }) {
      guard let transport = TransportProtocol(rawValue: port["protocol"]?.string ?? "TCP") else { continue }
      for number in [port["port"], port["endPort"], port["containerPort"]] {
        guard let number = number?.int.flatMap(UInt16.init(exactly:)) else { continue }
        found.insert(Port(transport: transport, number: number))
      }
    }
    return found.sorted()
  }

  // MARK: Questions

  /// Some of all the questions in which a pod takes part, drawn from the cluster's seed: the same ones each time. The name
  /// server is asked, and asks nobody.
  package func questions(_ count: Int) -> [Question] {
    var random = SeededRandom(seed: ~seed)
    let (ports, mentioned) = (ports, mentioned)
    let parties = Dictionary(uniqueKeysWithValues: families.map { ($0, self.parties($0)) })
    let subjects = Set(
      pods.filter { $0.spec["hostNetwork"]?.bool != true }.map { PolicyOracle.Party.pod($0.objectName) })
    return (0..<count).compactMap { _ in
      let family = random.pick(families)
      let everybody = parties[family] ?? []
      let servers = dnsAddresses.filter { $0.family == family }.map { PolicyOracle.Party.address($0) }
      let own = everybody.filter(subjects.contains)
      guard !own.isEmpty else { return nil }
      let pod = random.pick(own)
      // What is named itself is what rules allow; the rest is denied more often than not.
      let port = random.pick(random.chance(60) ? mentioned : ports)
      // Mostly between two pods, of which there are more than of anything else to go wrong.
      let other = random.chance(50) ? random.pick(own) : random.pick(everybody + servers)
      let isSender = servers.contains(other) || random.chance(50)
      return Question(
        source: isSender ? pod : other, destination: isSender ? other : pod, transport: port.transport,
        port: port.number, family: family)
    }
  }
}
