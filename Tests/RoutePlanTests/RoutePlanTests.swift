import ClusterModel
import NetworkTypes
import RoutePlan
import Testing

@Suite struct RoutePlanTests {
  private let configuration = RoutePlan.Configuration(
    nodeName: "node-1", clusterCIDRs: [CIDR("10.244.0.0/16")!], serviceCIDRs: [CIDR("10.96.0.0/12")!])

  private func node(_ name: String, _ addresses: [String], _ blocks: [String]) -> NodeModel {
    var node = NodeModel(name: name)
    node.addresses = addresses.compactMap { IPAddress($0) }
    node.podCIDRs = blocks.compactMap { CIDR($0) }
    return node
  }

  private func snapshot(_ nodes: [NodeModel]) -> ClusterSnapshot {
    var snapshot = ClusterSnapshot()
    for node in nodes { _ = snapshot.apply(.node(node)) }
    return snapshot
  }

  private let one = ["172.30.0.11"]
  private let two = ["172.30.0.12"]

  @Test func everyOtherNodesPodsAreReachedThroughIt() {
    let plan = RoutePlan(
      configuration,
      snapshot: snapshot([node("node-1", one, ["10.244.0.0/24"]), node("node-2", two, ["10.244.1.0/24"])]))
    let source = IPAddress("172.30.0.11")
    #expect(
      Set(plan.routes.values) == [
        PlannedRoute(
          destination: CIDR("10.244.1.0/24")!, target: .node(name: "node-2", address: IPAddress("172.30.0.12")!),
          source: source),
        PlannedRoute(destination: CIDR("10.244.0.0/24")!, target: .unassigned),
        PlannedRoute(destination: CIDR("10.96.0.0/12")!, target: .services, source: source),
      ])
    #expect(plan.podCIDRs == [CIDR("10.244.0.0/24")!])
  }

  @Test func aNodeThatGoesTakesItsRouteAlong() {
    let own = node("node-1", one, ["10.244.0.0/24"])
    var plan = RoutePlan(configuration, snapshot: snapshot([own, node("node-2", two, ["10.244.1.0/24"])]))
    let change = plan.update(snapshot([own]), nodes: ["node-2"])
    #expect(change.removed == [CIDR("10.244.1.0/24")!])
    #expect(change.replaced.isEmpty)
    #expect(!plan.masquerade.nodes.contains(IPAddress("172.30.0.12")!))
  }

  @Test func aHeartbeatChangesNothing() {
    var second = node("node-2", two, ["10.244.1.0/24"])
    let own = node("node-1", one, ["10.244.0.0/24"])
    var plan = RoutePlan(configuration, snapshot: snapshot([own, second]))
    second.isReady = true
    #expect(plan.update(snapshot([own, second]), nodes: ["node-1", "node-2"]).isEmpty)
  }

  @Test func aNewOwnAddressRenewsTheSourceOfAllRoutes() {
    let other = node("node-2", two, ["10.244.1.0/24"])
    var plan = RoutePlan(configuration, snapshot: snapshot([node("node-1", [], ["10.244.0.0/24"]), other]))
    #expect(plan.routes[CIDR("10.96.0.0/12")!] == nil)
    let change = plan.update(snapshot([node("node-1", one, ["10.244.0.0/24"]), other]), nodes: ["node-1"])
    #expect(change.replaced.map(\.destination).sorted() == [CIDR("10.96.0.0/12")!, CIDR("10.244.1.0/24")!])
    #expect(change.replaced.allSatisfy { $0.source == IPAddress("172.30.0.11") })
  }

  @Test func aBlockClaimedTwiceHasOneOwnerEverywhere() {
    let own = node("node-1", one, ["10.244.0.0/24"])
    let second = node("node-2", two, ["10.244.1.0/24"])
    let third = node("node-3", ["172.30.0.13"], ["10.244.1.0/24"])
    var plan = RoutePlan(configuration, snapshot: snapshot([own, third, second]))
    let block = CIDR("10.244.1.0/24")!
    #expect(plan.routes[block]?.target == .node(name: "node-2", address: IPAddress("172.30.0.12")!))
    let change = plan.update(snapshot([own, third]), nodes: ["node-2"])
    #expect(change.removed.isEmpty)
    #expect(plan.routes[block]?.target == .node(name: "node-3", address: IPAddress("172.30.0.13")!))
  }

  @Test func familiesDoNotMix() {
    let plan = RoutePlan(
      configuration,
      snapshot: snapshot([
        node("node-1", ["172.30.0.11", "fd00::11"], ["10.244.0.0/24", "fd00:1::/64"]),
        node("node-2", ["172.30.0.12", "fd00::12"], ["10.244.1.0/24", "fd00:2::/64"]),
        node("node-3", ["172.30.0.13"], ["fd00:3::/64"]),
      ]))
    let six = plan.routes[CIDR("fd00:2::/64")!]
    #expect(six?.target == .node(name: "node-2", address: IPAddress("fd00::12")!))
    #expect(six?.source == IPAddress("fd00::11"))
    #expect(plan.routes[CIDR("fd00:3::/64")!] == nil)
  }

  @Test(arguments: [
    ("10.244.0.5", "8.8.8.8", true), ("10.244.0.5", "10.244.1.9", false), ("10.244.0.5", "172.30.0.12", false),
    ("10.244.0.5", "172.30.0.1", true), ("10.244.1.5", "8.8.8.8", false), ("172.30.0.11", "8.8.8.8", false),
    ("10.244.0.5", "192.168.7.3", false),
  ])
  func masqueradingIsForWhatLeavesTheCluster(source: String, destination: String, applies: Bool) {
    let plan = RoutePlan(
      configuration,
      snapshot: snapshot([
        node("node-1", one, ["10.244.0.0/24"]), node("node-2", two, ["10.244.1.0/24"]),
        node("node-3", [], ["192.168.7.0/24"]),
      ]))
    #expect(
      plan.masquerade.applies(source: IPAddress(source)!, destination: IPAddress(destination)!) == applies)
  }
}
