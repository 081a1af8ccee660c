import ClusterModel
import JSONTree
import KubernetesAPI
import LinuxKernel
import Netlink
import NetworkTypes
import Testing

@testable import PodNetwork

@Suite struct KernelPodNetworkTests {
  @Test func podsOfTwoNodesReachEachOtherWithTheirOwnAddresses() throws {
    let (one, two) = try twoNodes()
    let here = try TestPod("here")
    let there = try TestPod("there")
    try here.attach(to: one)
    try there.attach(to: two)
    #expect(try TCPProbe(in: there.namespace, there.address).connect(from: here.namespace) == here.address)
    #expect(try TCPProbe(in: here.namespace, here.address).connect(from: there.namespace) == there.address)
    // Node to pod across, pod to node across: unmasqueraded as well.
    #expect(try TCPProbe(in: there.namespace, there.address).connect(from: one.namespace) == one.address)
    #expect(try TCPProbe(in: two.namespace, two.address).connect(from: here.namespace) == here.address)
  }

  @Test func whatLeavesTheClusterIsMasqueraded() throws {
    let (one, two) = try twoNodes()
    let pod = try TestPod("pod")
    try pod.attach(to: one)
    // A stranger on the nodes' link; node 2 holds his address.
    let outside = IPAddress("172.30.0.99")!
    let uplink = try two.routes.index(of: "eth0")
    try two.routes.apply { $0.add(InterfaceAddress(outside, link: uplink)) }
    let probe = try TCPProbe(in: two.namespace, outside)
    #expect(try probe.connect(from: pod.namespace) == one.address)
    // Once the stranger's address is a node's, it is reached with the pod's own.
    var third = NodeModel(name: "node-3")
    third.addresses = [outside]
    one.take(.node(third))
    #expect(try probe.connect(from: pod.namespace) == pod.address)
    one.take(.nodeRemoved("node-3"))
    #expect(try probe.connect(from: pod.namespace) == one.address)
  }

  @Test func routesFollowTheCluster() throws {
    let (one, two) = try twoNodes()
    #expect(try one.routes.lookup(IPAddress("10.244.2.7")!)?.gateway == two.address)
    #expect(try one.routes.lookup(IPAddress("10.96.0.1")!)?.source == one.address)
    // An unassigned address of the own block is answered, not sent in a circle.
    #expect(try one.routes.lookup(IPAddress("10.244.1.200")!) == nil)
    one.take(.nodeRemoved(two.name))
    #expect(try one.routes.lookup(IPAddress("10.244.2.7")!) == nil)
    var second = two.model
    second.podCIDRs = [CIDR("10.244.9.0/24")!]
    one.take(.node(second))
    #expect(try one.routes.lookup(IPAddress("10.244.9.7")!)?.gateway == two.address)
    #expect(try one.routes.routes(origin: .switchboard).count == 3)
  }

  @Test func aRouteThatIsRefusedDoesNotKeepTheOthersOut() throws {
    let (one, two) = try twoNodes()
    let own = model(one.name, "172.30.0.200", "10.244.1.0/24")
    let near = model("near", "172.30.0.77", "10.244.8.0/24")
    // The kernel takes no source that no interface holds: not for near's pods, nor for Services.
    one.take(.node(own), .node(near))
    #expect(try one.routes.lookup(IPAddress("10.244.8.1")!) == nil)
    #expect(try one.routes.lookup(IPAddress("10.244.1.9")!) == nil)
    #expect(try one.routes.routes(origin: .switchboard).contains { $0.kind == .blackhole })
    // It is tried again with the next change, when it may work.
    let uplink = try one.routes.index(of: "eth0")
    try one.routes.apply { $0.add(InterfaceAddress(own.addresses[0], prefixLength: 24, link: uplink)) }
    var second = two.model
    second.podCIDRs = []
    one.take(.node(second))
    #expect(try one.routes.lookup(IPAddress("10.244.8.1")!)?.gateway == near.addresses[0])
  }

  @Test func aRestartedProcessTakesOverWhatIsThere() throws {
    let (one, two) = try twoNodes()
    let pod = try TestPod("pod")
    try pod.attach(to: one)
    let before = try one.routes.routes()
    try one.restart()
    #expect(Set(try one.routes.routes()) == Set(before))
    #expect(try one.network.leases().map(\.address) == [pod.address])
    #expect(try TCPProbe(in: pod.namespace, pod.address).connect(from: two.namespace) == two.address)
    let second = try TestPod("second")
    try second.attach(to: one)
    #expect(second.address == IPAddress("10.244.1.2"))
    try pod.call("DEL", one)
    #expect(try one.network.leases().map(\.address) == [second.address])
  }

  @Test func aRestartRemovesRoutesThatLostTheirNode() throws {
    let (one, two) = try twoNodes()
    let stale = CIDR("10.244.77.0/24")!
    try one.routes.apply { $0.add(Route(to: stale, via: two.address)) }
    try one.restart()
    #expect(try !one.routes.routes().contains { $0.destination == stale })
  }

  @Test func addressesThatTheClusterStillNamesAreNotGivenAgain() throws {
    let (one, _) = try twoNodes()
    var pod = PodModel(name: ObjectName(namespace: "default", name: "a"))
    pod.addresses = [IPAddress("10.244.1.1")!]
    var slice = EndpointSliceModel(name: ObjectName(namespace: "default", name: "s"))
    slice.service = ObjectName(namespace: "default", name: "s")
    slice.endpoints = [.init(address: IPAddress("10.244.1.2")!)]
    one.take(.pod(pod), .endpointSlice(slice))
    let first = try TestPod("first")
    try first.attach(to: one)
    #expect(first.address == IPAddress("10.244.1.3"))
  }

  @Test func beforeTheNodeHasABlockTheRuntimeIsToldToTryAgain() throws {
    let one = try TestNode(1)
    let pod = try TestPod("pod")
    let unread = #expect(throws: CNIError.self) { try pod.attach(to: one) }
    #expect(unread?.code == .tryAgainLater)
    one.take(.node(NodeModel(name: "node-1")))
    let error = #expect(throws: CNIError.self) { try pod.attach(to: one) }
    #expect(error?.code == .tryAgainLater)
    #expect(error?.message.contains("no pod CIDR") == true)
    #expect(!KernelFile.exists("\(one.folder)/net.d/10-switchboard.conflist"))
    one.take(.node(one.model))
    try pod.attach(to: one)
    #expect(KernelFile.exists("\(one.folder)/net.d/10-switchboard.conflist"))
  }

  @Test func theMTUIsThatOfTheNodesInterface() throws {
    let one = try TestNode(1)
    let two = try TestNode(2)
    try TestNode.connect(one, two)
    let uplink = try one.routes.index(of: "eth0")
    try one.routes.apply { $0.setMTU(uplink, 1400) }
    one.take(.node(one.model))
    let pod = try TestPod("pod")
    try pod.attach(to: one)
    #expect(try RouteSocket(in: pod.namespace).link(named: "eth0")?.mtu == 1400)
  }

  private func model(_ name: String, _ address: String, _ block: String) -> NodeModel {
    var node = NodeModel(name: name)
    node.addresses = [IPAddress(address)!]
    node.podCIDRs = [CIDR(block)!]
    return node
  }

  private func twoNodes() throws -> (TestNode, TestNode) {
    let one = try TestNode(1)
    let two = try TestNode(2)
    try TestNode.connect(one, two)
    for node in [one, two] { node.take(.node(one.model), .node(two.model)) }
    return (one, two)
  }
}
