import ClusterModel
import JSONTree
import KubernetesAPI
import LinuxKernel
import Netlink
import NetworkTypes
import Testing

@testable import PodNetwork

@Suite struct KernelPodAttachmentTests {
  private let node: TestNode
  /// Holds the other end of the node's link.
  private let neighbour: TestNode

  init() throws {
    node = try TestNode(1)
    neighbour = try TestNode(2)
    try TestNode.connect(node, neighbour)
    node.take(.node(node.model))
  }

  @Test func theResultIsWhatTheSpecificationSays() throws {
    let pod = try TestPod("abc")
    let result = try pod.attach(to: node)
    #expect(result["cniVersion"]?.string == "1.0.0")
    #expect(result["ips"]?.items.first?["address"]?.string == "10.244.1.1/32")
    #expect(result["ips"]?.items.first?["gateway"]?.string == "169.254.1.1")
    #expect(result["interfaces"]?.items.count == 2)
    #expect(result["interfaces"]?.items[1]["name"]?.string == "eth0")
    #expect(result["interfaces"]?.items[1]["sandbox"]?.string == pod.path)
    #expect(result["routes"]?.items.first?["dst"]?.string == "0.0.0.0/0")
    // Before 1.0.0 addresses carried their family.
    let old = try TestPod("old")
    let oldResult = try old.call("ADD", node, configuration: ["cniVersion": "0.4.0"])
    #expect(oldResult["ips"]?.items.first?["version"]?.string == "4")
  }

  @Test func podsAndTheirNodeReachEachOther() throws {
    let one = try TestPod("one")
    let two = try TestPod("two")
    try one.attach(to: node)
    try two.attach(to: node)
    #expect(one.address != two.address)
    #expect(try TCPProbe(in: two.namespace, two.address).connect(from: one.namespace) == one.address)
    #expect(try TCPProbe(in: one.namespace, one.address).connect(from: node.namespace) == node.address)
    #expect(try TCPProbe(in: node.namespace, node.address).connect(from: one.namespace) == one.address)
    // Nobody had to ask for a hardware address: every entry is permanent.
    #expect(try node.routes.neighbours().filter { $0.address == one.address }.allSatisfy { $0.isPermanent })
    let inside = try RouteSocket(in: one.namespace)
    #expect(try inside.neighbours().map(\.address) == [IPAddress("169.254.1.1")!])
  }

  @Test func anAddressOnTheLoopbackIsNeverTheSource() throws {
    // Every node holds the cluster's DNS address on its loopback.
    try node.routes.apply { $0.add(InterfaceAddress(IPAddress("10.96.0.10")!, link: 1)) }
    let pod = try TestPod("pod")
    try pod.attach(to: node)
    #expect(try TCPProbe(in: pod.namespace, pod.address).connect(from: node.namespace) == node.address)
    #expect(try TCPProbe(in: node.namespace, IPAddress("10.96.0.10")!).connect(from: pod.namespace) == pod.address)
  }

  @Test func aPodCannotPretendToBeAnother() throws {
    let one = try TestPod("one")
    let two = try TestPod("two")
    try one.attach(to: node)
    try two.attach(to: node)
    let inside = try RouteSocket(in: one.namespace)
    let link = try inside.index(of: "eth0")
    let stolen = IPAddress("10.244.1.99")!
    try inside.apply {
      $0.delete(InterfaceAddress(one.address, link: link))
      $0.add(InterfaceAddress(stolen, link: link))
    }
    #expect(try TCPProbe(in: two.namespace, two.address).connect(from: one.namespace) == nil)
  }

  @Test func theLinkIsMarkedAndConfigured() throws {
    let pod = try TestPod("abc")
    try pod.attach(to: node)
    let link = try #require(try node.routes.links().first { $0.name.hasPrefix("swb") })
    #expect(link.alias == "switchboard abc eth0 uid-abc")
    #expect(link.isRunning)
    try node.namespace.run { () throws in
      #expect(try Sysctl.read("net/ipv4/conf/\(link.name)/rp_filter") == "1")
      #expect(try Sysctl.read("net/ipv4/conf/\(link.name)/send_redirects") == "0")
      #expect(try Sysctl.read("net/ipv4/ip_forward") == "1")
      #expect(try Sysctl.read("net/netfilter/nf_conntrack_tcp_loose") == "0")
    }
    #expect(
      try node.network.leases() == [
        Lease(
          address: pod.address, interface: link.name,
          pod: PodLink(containerID: "abc", interfaceName: "eth0", podUID: "uid-abc"))
      ])
  }

  @Test func addingTwiceGivesTheSame() throws {
    let pod = try TestPod("abc")
    let first = try pod.attach(to: node)
    #expect(try pod.attach(to: node) == first)
    #expect(try !node.network.leases().isEmpty)
    try pod.call("CHECK", node, configuration: ["prevResult": first])
  }

  @Test func aBrokenLinkIsFoundAndReplaced() throws {
    let pod = try TestPod("abc")
    let first = try pod.attach(to: node)
    let inside = try RouteSocket(in: pod.namespace)
    let link = try inside.index(of: "eth0")
    try inside.apply { $0.delete(InterfaceAddress(pod.address, link: link)) }
    let error = #expect(throws: CNIError.self) { try pod.call("CHECK", node, configuration: ["prevResult": first]) }
    #expect(error?.code == .mismatch)
    try pod.attach(to: node)
    try pod.call("CHECK", node)
    #expect(try !node.network.leases().isEmpty)
    // The former address rests.
    #expect(pod.address == IPAddress("10.244.1.2"))
  }

  @Test func aFailedAddLeavesNothing() throws {
    let pod = try TestPod("abc")
    let inside = try RouteSocket(in: pod.namespace)
    // The interface name is taken in the pod already.
    try inside.apply { $0.createLink("eth0", kind: "bridge") }
    let error = #expect(throws: CNIError.self) { try pod.attach(to: node) }
    #expect(error?.code == .kernel)
    #expect(error?.message.contains("eth0") == true)
    #expect(try node.network.leases().isEmpty)
    #expect(try !node.routes.links().contains { $0.name.hasPrefix("swb") })
    // Half-way: the loopback of the pod cannot be the problem, but its route is: a default route is there already.
    let routed = try TestPod("routed")
    let gone = #expect(throws: CNIError.self) { try routed.call("ADD", node, netns: "/run/netns/no-such") }
    #expect(gone?.code == .invalidEnvironment)
  }

  @Test func deletingIsIdempotentAndWorksWithoutTheNamespace() throws {
    let pod = try TestPod("abc")
    try pod.attach(to: node)
    try pod.call("DEL", node, netns: "")
    try pod.call("DEL", node, netns: "/run/netns/no-such")
    try pod.call("DEL", node)
    #expect(try node.network.leases().isEmpty)
    #expect(try RouteSocket(in: pod.namespace).link(named: "eth0") == nil)
    #expect(try node.network.leases().isEmpty)
  }

  @Test func hundredRoundsLeaveNothingBehind() throws {
    let linksBefore = try node.routes.links().count
    let routesBefore = try node.routes.routes().count
    let neighboursBefore = try node.routes.neighbours().count
    var used: Set<IPAddress> = []
    for round in 0..<100 {
      let pod = try TestPod("round-\(round)")
      try pod.attach(to: node)
      used.insert(pod.address)
      try pod.call("DEL", node)
    }
    #expect(used.count == 100)
    #expect(try node.routes.links().count == linksBefore)
    #expect(try node.routes.routes().count == routesBefore)
    #expect(try node.routes.neighbours().count == neighboursBefore)
    #expect(try node.network.leases().isEmpty)
  }

  @Test func garbageCollectionKeepsWhatTheRuntimeNames() throws {
    let kept = try TestPod("kept")
    let lost = try TestPod("lost")
    try kept.attach(to: node)
    try lost.attach(to: node)
    try kept.call(
      "GC", node,
      configuration: ["cniVersion": "1.1.0", "cni.dev/valid-attachments": [["containerID": "kept", "ifname": "eth0"]]])
    #expect(try node.network.leases().map(\.pod.containerID) == ["kept"])
  }

  /// The Service proxy sees to it, by the pod's own object.
  @Test(arguments: ["hostPort", "HostPort"])
  func aHostPortIsNoneOfThePlugins(key: String) throws {
    let pod = try TestPod("abc")
    let mapping = JSON.object([key: 8080])
    try pod.call("ADD", node, configuration: ["runtimeConfig": ["portMappings": [mapping]]])
    #expect(try !node.network.leases().isEmpty)
  }
}
