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

  private let remote = ["172.31.0.12", "fd00:5::12"]
  private let tunnelled: [IPAddress: NodePath] = [
    IPAddress("172.31.0.12")!: NodePath(isDirect: false),
    IPAddress("fd00:5::12")!: NodePath(isDirect: false, mtu: 1400),
  ]

  private func dualPlan() -> (RoutePlan, ClusterSnapshot) {
    let nodes = snapshot([
      node("node-1", ["172.30.0.11", "fd00::11"], ["10.244.0.0/24", "fd00:1::/64"]),
      node("node-2", remote, ["10.244.1.0/24", "fd00:2::/64"]),
      node("node-3", ["172.30.0.13", "fd00::13"], ["10.244.2.0/24", "fd00:3::/64"]),
    ])
    var plan = RoutePlan(configuration)
    _ = plan.update(nodes, nodes: ["node-1", "node-2", "node-3"], paths: tunnelled)
    return (plan, nodes)
  }

  @Test func rangesOfServicesThatComeLaterHaveARouteWhileTheyAreThere() {
    var (plan, snapshot) = dualPlan()
    let block = CIDR("10.201.0.0/24")!
    #expect(plan.routes[block] == nil)
    _ = snapshot.apply(.serviceRange("added", [block]))
    let added = plan.update(snapshot, nodes: [])
    let route = PlannedRoute(destination: block, target: .services, source: IPAddress("172.30.0.11"))
    #expect(added.replaced == [route] && added.removed.isEmpty && plan.routes[block] == route)
    // What the cluster began with stays, whatever objects say.
    _ = snapshot.apply(.serviceRange("kubernetes", configuration.serviceCIDRs))
    #expect(plan.update(snapshot, nodes: []).isEmpty)
    _ = snapshot.apply(.serviceRangeRemoved("kubernetes"))
    _ = snapshot.apply(.serviceRangeRemoved("added"))
    let gone = plan.update(snapshot, nodes: [])
    #expect(gone.removed == [block] && gone.replaced.isEmpty)
    #expect(configuration.serviceCIDRs.allSatisfy { plan.routes[$0] != nil })
  }

  @Test func aNodeOnAnotherLinkIsReachedThroughATunnel() {
    let (plan, _) = dualPlan()
    // The source is the tunnel's own, so that the answer comes through it; what it adds is taken off the way's size.
    #expect(
      plan.routes[CIDR("10.244.1.0/24")!]
        == PlannedRoute(
          destination: CIDR("10.244.1.0/24")!, target: .tunnel(name: "node-2", address: IPAddress("172.31.0.12")!),
          source: IPAddress("10.244.0.0")))
    #expect(plan.routes[CIDR("fd00:2::/64")!]?.mtu == 1330)
    #expect(plan.routes[CIDR("fd00:2::/64")!]?.source == IPAddress("fd00:1::"))
    #expect(
      plan.routes[CIDR("10.244.2.0/24")!]?.target == .node(name: "node-3", address: IPAddress("172.30.0.13")!))
    #expect(
      plan.tunnels[.v4]
        == Tunnel(
          local: IPAddress("172.30.0.11")!, addresses: [IPAddress("10.244.0.0")!],
          peers: [IPAddress("10.244.1.0")!: .init(name: "node-2", address: IPAddress("172.31.0.12")!)]))
    #expect(plan.tunnels[.v6]?.peers.keys.map(\.description) == ["fd00:2::"])
    #expect(plan.peerAddresses.count == 4)
  }

  @Test func whatLiesBetweenNodesDoesNotSeePodsAddresses() {
    let (plan, _) = dualPlan()
    let pod = IPAddress("10.244.0.5")!
    #expect(plan.masquerade.applies(source: pod, destination: IPAddress("172.31.0.12")!))
    #expect(!plan.masquerade.applies(source: pod, destination: IPAddress("172.30.0.13")!))
    #expect(!plan.masquerade.applies(source: pod, destination: IPAddress("10.244.1.5")!))
    #expect(!plan.masquerade.applies(source: pod, destination: IPAddress("172.30.0.11")!))
  }

  @Test func aWayThatChangesChangesTheRoute() {
    var (plan, nodes) = dualPlan()
    let direct = [IPAddress("172.31.0.12")!: NodePath(isDirect: true, mtu: 1200)]
    let change = plan.update(paths: direct)
    #expect(
      change.replaced == [
        PlannedRoute(
          destination: CIDR("10.244.1.0/24")!, target: .node(name: "node-2", address: IPAddress("172.31.0.12")!),
          source: IPAddress("172.30.0.11"), mtu: 1200)
      ])
    #expect(plan.tunnels[.v4] == nil && plan.tunnels[.v6] != nil)
    #expect(!plan.masquerade.applies(source: IPAddress("10.244.0.5")!, destination: IPAddress("172.31.0.12")!))
    #expect(plan.update(paths: direct).isEmpty)
    // A node that comes back with its address is looked at anew.
    _ = nodes.apply(.nodeRemoved("node-2"))
    #expect(plan.update(nodes, nodes: ["node-2"]).removed.count == 2)
    #expect(plan.tunnels.isEmpty)
    _ = nodes.apply(.node(node("node-2", remote, ["10.244.1.0/24"])))
    _ = plan.update(nodes, nodes: ["node-2"])
    #expect(plan.routes[CIDR("10.244.1.0/24")!]?.mtu == nil)
  }

  @Test func aNewBlockOfItsOwnRenewsTheSourceOfTunnels() {
    var (plan, nodes) = dualPlan()
    _ = nodes.apply(.node(node("node-1", ["172.30.0.11"], ["10.244.9.0/24"])))
    let change = plan.update(nodes, nodes: ["node-1"])
    #expect(change.replaced.first { $0.destination == CIDR("10.244.1.0/24")! }?.source == IPAddress("10.244.9.0"))
    #expect(plan.tunnels[.v4]?.addresses == [IPAddress("10.244.9.0")!])
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
