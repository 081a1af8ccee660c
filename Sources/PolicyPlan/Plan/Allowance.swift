internal import ClusterModel
internal import NetworkTypes

/// Who a rule of a policy speaks of, in terms the kernel can look up.
enum PeerTerm: Hashable, Sendable {
  case anybody
  case pods(NetworkPolicyModel.PodSelector)
  case blocks(AddressRanges)
  /// Pods at what the name means there; `nil` stands for any pod.
  case sockets(NetworkPolicyModel.Peer?, PodModel.PortName)
}

/// One product of peers and ports.
struct Allowance: Hashable, Sendable {
  var peers: PeerTerm
  /// `nil`: whatever the protocol.
  var ports: PortRanges?
  var origins: [PolicyRuleReference]
}

/// Turns the rules of policies into as few allowances as say the same.
///
/// A policy of ten thousand blocks with one port, or of one block with ten thousand ports, becomes one.
struct AllowanceCompiler {
  private let direction: PolicyDirection
  private let family: IPAddress.Family
  /// What names of ports mean on the pod that is judged; they count for what comes in.
  private let namedPorts: [PodModel.PortName: UInt16]
  private var order: [PeerTerm] = []
  /// With the ports of each rule; `nil` among them stands for everything.
  private var found: [PeerTerm: (ports: [PortRanges?], origins: [PolicyRuleReference])] = [:]

  static func allowances(
    _ policies: [NetworkPolicyModel], _ direction: PolicyDirection, _ family: IPAddress.Family,
    namedPorts: [PodModel.PortName: UInt16]
  ) -> [Allowance] {
    var compiler = AllowanceCompiler(direction: direction, family: family, namedPorts: namedPorts)
    for policy in policies {
      for (index, rule) in (policy.rules(direction) ?? []).enumerated() {
        compiler.add(rule, PolicyRuleReference(policy.name, direction, index))
      }
    }
    return compiler.result
  }

  private init(
    direction: PolicyDirection, family: IPAddress.Family, namedPorts: [PodModel.PortName: UInt16]
  ) {
    self.direction = direction
    self.family = family
    self.namedPorts = namedPorts
  }

  private mutating func add(_ rule: NetworkPolicyModel.Rule, _ origin: PolicyRuleReference) {
    var list: [(TransportProtocol, ClosedRange<UInt16>)] = []
    var names: [PodModel.PortName] = []
    for port in rule.ports ?? [] {
      switch port {
      case .all(let transport): list.append((transport, 0...UInt16.max))
      case .numbers(let transport, let range): list.append((transport, range))
      case .named(let transport, let name):
        let name = PodModel.PortName(transport, name)
        if direction == .egress {
          names.append(name)
        } else if let number = namedPorts[name] {
          list.append((transport, number...number))
        }
      }
    }
    if rule.ports == nil || !list.isEmpty {
      let ports = rule.ports == nil ? nil : PortRanges(list)
      for term in terms(rule.peers) { add(term, ports, origin) }
    }
    for name in names {
      for peer in rule.peers.map({ $0.map(Optional.some) }) ?? [nil] { add(.sockets(peer, name), nil, origin) }
    }
  }

  private func terms(_ peers: [NetworkPolicyModel.Peer]?) -> [PeerTerm] {
    guard let peers else { return [.anybody] }
    var blocks: [AddressRanges] = []
    var terms: [PeerTerm] = []
    for peer in peers {
      switch peer {
      case .pods(let selector): terms.append(.pods(selector))
      case .block(let block, let exceptions): blocks.append(AddressRanges(family, block, except: exceptions))
      }
    }
    let union = AddressRanges(family, unionOf: blocks)
    return union.isEmpty ? terms : terms + [.blocks(union)]
  }

  private mutating func add(_ term: PeerTerm, _ ports: PortRanges?, _ origin: PolicyRuleReference) {
    if found[term] == nil { order.append(term) }
    found[term, default: ([], [])].ports.append(ports)
    if found[term]?.origins.last != origin { found[term]?.origins.append(origin) }
  }

  /// Blocks with the same ports are one.
  private var result: [Allowance] {
    var allowances: [Allowance] = []
    var blocks: [Int: [AddressRanges]] = [:]
    var placeOfBlocks: [PortRanges?: Int] = [:]
    for term in order {
      guard let (parts, origins) = found[term] else { continue }
      let ports = parts.contains(nil) ? nil : PortRanges(unionOf: parts.compactMap(\.self))
      if case .blocks(let ranges) = term {
        let place = placeOfBlocks[ports] ?? allowances.count
        blocks[place, default: []].append(ranges)
        guard place == allowances.count else {
          allowances[place].origins += origins
          continue
        }
        placeOfBlocks[ports] = place
      }
      allowances.append(Allowance(peers: term, ports: ports, origins: origins))
    }
    for (place, parts) in blocks { allowances[place].peers = .blocks(AddressRanges(family, unionOf: parts)) }
    return allowances
  }
}
