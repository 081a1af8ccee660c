import ClusterModel
import HashTreeCollections
import KubernetesAPI
import NFTables
import NetworkTypes
import PolicyPlan
import SwitchboardTesting
import Testing

@testable import PolicyEnforcer

/// An oracle read off the API's documentation, the planner's verdict, and a packet traced through the planned rules of the
/// nodes on its way: all three say the same of every question, whatever clusters are drawn.
@Suite struct PolicyAgreementTests {
  @Test(arguments: 1...40 as ClosedRange<UInt64>) func oraclePlannerAndRulesAgree(_ group: UInt64) throws {
    for seed in (group * 5)..<(group * 5 + 5) {
      let cluster = RandomPolicyCluster(seed: seed, families: seed % 4 == 0 ? [.v4, .v6] : [.v4])
      let traced = try TracedCluster(cluster)
      let oracle = cluster.oracle
      for question in cluster.questions(200) {
        let wanted = oracle.allows(
          from: question.source, to: question.destination, question.transport, port: question.port,
          family: question.family)
        let verdict = traced.verdict(question)
        let passes = traced.passes(question)
        if verdict != wanted || passes != wanted {
          Issue.record("\(question): oracle \(wanted), planner \(verdict), rules \(passes)\n\(cluster)")
          return
        }
      }
    }
  }
}

/// All nodes of a drawn cluster, each with its plan and rules.
struct TracedCluster {
  private let cluster: RandomPolicyCluster
  private var nodes: [String: [IPAddress.Family: TracedNode]] = [:]
  private var snapshot: ClusterSnapshot { nodes.values.first?.values.first?.snapshot ?? ClusterSnapshot() }

  /// Even seeds are planned at once, the others as one change after another in any order, some policies removed and made
  /// again on the way: what counts is where it ends.
  init(_ cluster: RandomPolicyCluster) throws {
    self.cluster = cluster
    let objects = cluster.objects.compactMap { ClusterEvent(kind: $0.kind, object: $0.object, isRemoved: false) }
    var random = SeededRandom(seed: cluster.seed)
    for node in cluster.nodes.map(\.name) {
      for family in cluster.families {
        var traced = TracedNode(node, family, nameServerAddresses: cluster.dnsAddresses)
        var events = objects + Self.attachments(cluster, node)
        if cluster.seed % 2 == 0 {
          try traced.apply(events)
        } else {
          events += cluster.policies.map { .policyRemoved($0.objectName) }
          events.shuffle(using: &random)
          events += cluster.policies.compactMap {
            ClusterEvent(kind: .networkPolicies, object: $0, isRemoved: false)
          }
          for event in events { try traced.apply([event]) }
        }
        nodes[node, default: [:]][family] = traced
      }
    }
  }

  private static func attachments(_ cluster: RandomPolicyCluster, _ node: String) -> [ClusterEvent] {
    cluster.pods.map { PodModel(object: $0) }.filter { $0.nodeName == node && !$0.usesHostNetwork }
      .flatMap { pod in pod.addresses.map { .attached($0, podUID: pod.uid) } }
  }

  private func party(_ party: PolicyOracle.Party, _ family: IPAddress.Family) -> FlowParty? {
    switch party {
    case .address(let address): return judge(family)?.party(address)
    case .node(let name):
      return snapshot.nodes[name]?.addresses.first { $0.family == family }.map { FlowParty($0) }
    case .pod(let name):
      guard let pod = snapshot.pods[name] else { return nil }
      return pod.addresses.first { $0.family == family }.map { FlowParty($0, pod: pod) }
    }
  }

  private func judge(_ family: IPAddress.Family) -> PolicyJudge? { nodes.values.first?[family]?.plan.judge }

  /// The node whose own process sends.
  private func sendingNode(_ party: PolicyOracle.Party) -> String? {
    switch party {
    case .node(let name): return name
    case .pod(let name): return snapshot.pods[name].flatMap { $0.usesHostNetwork ? $0.nodeName : nil }
    case .address(let address): return snapshot.nodes.values.first { $0.addresses.contains(address) }?.name
    }
  }

  func verdict(_ question: RandomPolicyCluster.Question) -> Bool {
    guard let flow = flow(question), let judge = judge(question.family) else { return false }
    return judge.egress(flow).isAllowed
      && judge.ingress(flow, fromNode: sendingNode(question.source)).isAllowed
  }

  private func flow(_ question: RandomPolicyCluster.Question) -> PolicyFlow? {
    guard let source = party(question.source, question.family),
      let destination = party(question.destination, question.family)
    else { return nil }
    return PolicyFlow(from: source, to: destination, question.transport, question.port)
  }

  /// The packet's way: through the sender's node, then through the receiver's.
  func passes(_ question: RandomPolicyCluster.Question) -> Bool {
    guard let flow = flow(question) else { return false }
    let (source, destination) = (flow.source.address, flow.destination.address)
    let sendingNode = sendingNode(question.source)
    let first = flow.source.pod?.nodeName
    let last = flow.destination.pod.flatMap { $0.nodeName.isEmpty ? nil : $0.nodeName }
    if let first, let node = nodes[first]?[question.family] {
      let isLocal =
        snapshot.nodes[first]?.addresses.contains(destination) == true || cluster.dnsAddresses.contains(destination)
      let hook: Chain.Hook = isLocal ? .input : .forward
      guard node.passes(source, destination, question.transport, question.port, at: hook) else { return false }
    }
    guard let last, last != first, last != sendingNode, let node = nodes[last]?[question.family] else { return true }
    return node.passes(source, destination, question.transport, question.port)
  }
}
