import ClusterModel
import NFTables
import NetworkTypes
import ServicePlan
import SwitchboardTesting

@testable import ServiceProxy

/// A ``ServiceLab`` without a kernel: the same plan and rules, carried out by a packet tracer.
struct ServiceTracer {
  let addresses: LabAddresses
  private(set) var plan: ServicePlan
  private var kernel = FakeNFTables()
  private let rules: ServiceRules

  init(_ addresses: LabAddresses, _ events: [ClusterEvent]) throws {
    self.addresses = addresses
    rules = ServiceRules(family: addresses.family)
    plan = ServicePlan(
      .init(
        nodeName: "node-1", family: addresses.family, serviceBlocks: [addresses.serviceBlock],
        exemptAddresses: [addresses.clusterDNS]))
    var snapshot = ClusterSnapshot()
    var change = ClusterChange()
    for event in [.node(addresses.nodeModel)] + events { change.merge(snapshot.apply(event)) }
    let delta = plan.update(ClusterUpdate(snapshot: snapshot, change: change, isFirst: true))
    var transaction = NFTTransaction(rules.table, rules.rebuild)
    if let node = delta.node { transaction.operations += rules.nodeSteps(node) }
    for (clients, entries) in [(Clients.everybody, delta.services.added), (.inside, delta.insideServices.added)] {
      for backendClass in Set(entries.map(\.value.backendClass)) where backendClass.endpointCount > 0 {
        transaction.operations += rules.addClass(backendClass, among: clients, includingTimeout: true)
      }
    }
    transaction.operations += rules.elementSteps(delta).operations
    try kernel.commit(transaction)
  }

  var ruleset: FakeNFTables.Ruleset { kernel.tables[rules.table]! }

  func source(_ place: Place) -> IPAddress {
    switch place {
    case .pod: addresses.pod
    case .node: addresses.node
    case .outside: addresses.outside
    }
  }

  /// What becomes of a flow, over all draws.
  func fate(_ place: Place, _ transport: TransportProtocol, _ target: SocketEndpoint) -> Fate? {
    var answers: [SocketEndpoint: IPAddress] = [:]
    for number in 0..<UInt32(12) {
      var tracer = PacketTracer(ruleset) { number % $0 }
      let from = target.address.isLoopback ? target.address : source(place)
      var packet = TracedPacket(transport, from: SocketEndpoint(from, 40_000), to: target)
      if place != .node { packet.inputInterface = place == .pod ? 2 : 4 }
      let entered = tracer.trace(packet, at: place == .node ? .output : .prerouting)
      switch entered.outcome {
      case .refused: return .refused
      case .dropped: return .dropped
      case .passed: break
      }
      let left = tracer.trace(entered.packet, at: .postrouting)
      answers[left.packet.destination] =
        left.sourceAddress ?? (left.isMasqueraded ? addresses.node : left.packet.source.address)
    }
    let seen = Set(answers.values)
    return seen.count == 1 ? .answered(by: Set(answers.keys), seenAs: seen.first!) : nil
  }
}
