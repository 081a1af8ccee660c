import ClusterModel
import Conntrack
import Glibc
import HashTreeCollections
import JSONTree
import KubernetesAPI
import NetworkTypes
import PolicyPlan
import Testing

@testable import PolicyEnforcer

@Suite struct AuditViewTests {
  /// A node's view of a cluster that changes.
  private struct Place {
    var snapshot = ClusterSnapshot()
    var view: AuditView

    init(families: [IPAddress.Family] = IPAddress.Family.allCases) throws {
      var configuration = PolicyEnforcer.Configuration(
        nodeName: "node-1", nameServerAddresses: [PolicyObjects.dns])
      configuration.families = families
      view = AuditView(configuration)
      apply(PolicyObjects.cluster)
    }

    mutating func apply(_ events: [ClusterEvent]) {
      for event in events {
        let change = snapshot.apply(event)
        view.apply(ClusterUpdate(snapshot: snapshot, change: change, isFirst: false))
      }
    }

    mutating func put(_ policy: String, _ spec: JSON, isAudited: Bool = true) throws {
      var object = PolicyObjects.policy(policy, spec)
      if isAudited { object["metadata"]?["annotations"] = ["switchboard.dev/audit": "true"] }
      apply([try PolicyObjects.event(.networkPolicies, object)])
    }

    func denials(
      from source: IPAddress = PolicyObjects.client, to target: IPAddress = PolicyObjects.web,
      nodeAddresses: Set<IPAddress> = [PolicyObjects.nodeAddress]
    ) -> [PolicyDenial] {
      view.denials(of: AuditViewTests.flow(from: source, to: target), nodeAddresses: nodeAddresses)
    }
  }

  private static func flow(from source: IPAddress, to target: IPAddress) -> ConntrackFlow {
    let (from, to) = (SocketEndpoint(source, 40_000), SocketEndpoint(target, 8080))
    return ConntrackFlow(.tcp, from: from, to: to, answerSource: to, answerDestination: from)
  }

  private static let ofWeb: JSON = ["podSelector": ["matchLabels": ["app": "web"]]]
  private static func name(_ policy: String) -> ObjectName { ObjectName(namespace: "shop", name: policy) }

  @Test func onlyWhatTriedOutPoliciesAddIsTold() throws {
    var place = try Place()
    #expect(place.denials().isEmpty)
    try place.put("deny", Self.ofWeb)
    let denial = try #require(place.denials().first)
    #expect(denial.policies == [Self.name("deny")] && denial.direction == .ingress)
    #expect(denial.pod == ObjectName(namespace: "shop", name: "web"))
    #expect(denial.peer == .pod(ObjectName(namespace: "shop", name: "client")))
    // What is enforced counts, and is not blamed.
    try place.put(
      "allow", ["podSelector": [:], "ingress": [["from": [["podSelector": ["matchLabels": ["app": "client"]]]]]]],
      isAudited: false)
    #expect(place.denials().isEmpty)
    #expect(place.denials(from: PolicyObjects.stranger).first?.policies == [Self.name("deny")])
    // Enforced by now, then gone.
    try place.put("deny", Self.ofWeb, isAudited: false)
    #expect(place.denials(from: PolicyObjects.stranger).isEmpty)
    try place.put("deny", Self.ofWeb)
    #expect(place.denials(from: PolicyObjects.stranger).count == 1)
    place.apply([.policyRemoved(Self.name("deny"))])
    #expect(place.denials(from: PolicyObjects.stranger).isEmpty)
  }

  @Test func theNodesOwnWordsAndOtherFamiliesAreNotJudged() throws {
    var place = try Place()
    try place.put("deny", Self.ofWeb)
    #expect(place.denials(from: PolicyObjects.nodeAddress).isEmpty)
    #expect(place.denials(from: PolicyObjects.nodeAddress, nodeAddresses: []).count == 1)
    #expect(place.denials(from: PolicyObjects.outside).count == 1)
    var other = try Place(families: [.v6])
    try other.put("deny", Self.ofWeb)
    #expect(other.denials().isEmpty)
  }

  @Test func aPodIsJudgedAsItIsByNow() throws {
    var place = try Place()
    try place.put("deny", ["podSelector": [:]])
    place.apply([.detached(PolicyObjects.web, podUID: "shop-web")])
    #expect(place.denials().isEmpty)
    place.apply([.attached(PolicyObjects.web, podUID: "shop-next")])
    #expect(place.denials().isEmpty)
    place.apply([PolicyObjects.pod("shop", "next", IPAddress("10.244.9.9")!)])
    #expect(place.denials().first?.pod == ObjectName(namespace: "shop", name: "next"))
  }

  /// The least time of the processor that this thread takes, of many turns: what others do meanwhile is not in it.
  private static func leastTime<Turn>(_ turns: [Turn], _ body: (Turn) throws -> Void) rethrows -> Int {
    func now() -> Int {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    var least = Int.max
    for turn in turns {
      let start = now()
      try body(turn)
      least = min(least, now() - start)
    }
    return least
  }

  /// Nanoseconds for one pod's change elsewhere and one flow, judged by the auditor and by whoever cuts flows.
  private static func cost(besides pods: Int) throws -> Int {
    var place = try Place()
    try place.put("deny", ofWeb)
    func other(_ number: Int, _ labels: [String: String] = [:]) -> ClusterEvent {
      let address = IPAddress(v4: 10, 245, UInt8(number >> 8), UInt8(number & 255))
      return PolicyObjects.pod("other", "p\(number)", address, labels: labels)
    }
    place.apply((0..<pods).map { other($0) })
    let flow = flow(from: PolicyObjects.client, to: PolicyObjects.web)
    let index = PolicyIndex(place.snapshot.enforcingAudited)
    var judged = 0
    let time = leastTime((0..<100).map { other(0, ["turn": "\($0)"]) }) { event in
      place.apply([event])
      judged += place.view.denials(of: flow, nodeAddresses: []).count
      let judge = PolicyJudge(place.snapshot, nameServerAddresses: [], index: index)
      if LocalFlows(judge, nodeAddresses: []).forbids(flow) { judged += 1 }
    }
    #expect(judged == 200)
    return time
  }

  /// Looking at each pod would take many times as long.
  @Test func aChangeCostsTheSameInALargeCluster() throws {
    let (few, many) = (try Self.cost(besides: 20), try Self.cost(besides: 2000))
    #expect(many < few * 4, "\(few) ns among 20 pods, \(many) ns among 2000")
  }
}
