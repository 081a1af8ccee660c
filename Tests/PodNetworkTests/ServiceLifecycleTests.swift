import ClusterModel
import JSONTree
import LinuxKernel
import Logging
import NetworkTypes
import ServiceLifecycle
import Testing

@testable import PodNetwork

/// The service as the agent runs it: fed by a cluster feed, ended by a graceful shutdown.
@Suite struct KernelServiceLifecycleTests {
  @Test(.timeLimit(.minutes(5))) func itFollowsTheFeedAndEndsWhenAsked() async throws {
    let node = try TestNode(1)
    let feed = ClusterFeed()
    var configuration = PodNetworkConfiguration(
      nodeName: node.name, clusterCIDRs: [CIDR("10.244.0.0/16")!], serviceCIDRs: [CIDR("10.96.0.0/12")!])
    configuration.socketPath = "\(node.folder)/service.sock"
    configuration.conflistPath = "\(node.folder)/cni/net.d/10-switchboard.conflist"
    let network = try PodNetwork(
      configuration, feed: feed, namespace: node.namespace, logger: Logger(label: "test"))
    let group = ServiceGroup(
      configuration: .init(services: [network], logger: Logger(label: "group")))
    async let end: Void = group.run()
    // Asked before the cluster is known, it answers once it is.
    let early = try TestPod("early")
    async let earlyAnswer = ask(configuration.socketPath, early.request("ADD"))
    feed.apply([.node(node.model)])
    feed.markSynced()
    // The conflist is the sign that pods can be attached: whoever reads it may call at once.
    let file = "\(node.folder)/cni/net.d/10-switchboard.conflist"
    while !KernelFile.exists(file) { try await Task.sleep(for: .milliseconds(2)) }
    let conflist = try JSON.parse(KernelFile.read(file))
    #expect(conflist["cniVersion"]?.string == "1.0.0")
    #expect(conflist["plugins"]?.items.first?["type"]?.string == "switchboard-cni")
    let path = try #require(conflist["plugins"]?.items.first?["socket"]?.string)
    let pod = try TestPod("abc")
    let answer = try await ask(path, pod.request("ADD"))
    let addresses = try await [earlyAnswer, answer].map { $0["result"]?["ips"]?.items.first?["address"]?.string ?? "" }
    #expect(addresses.sorted() == ["10.244.1.1/32", "10.244.1.2/32"])
    await group.triggerGracefulShutdown()
    try await end
    #expect(try network.leases().count == 2)
  }

  private func ask(_ path: String, _ request: JSON) async throws -> JSON {
    try await BlockingThread.run {
      let socket = try UnixSocket.connect(to: path)
      try UnixSocket.send(request.encoded(), to: socket)
      try UnixSocket.finishWriting(socket)
      return try JSON.parse(socket.readToEnd())
    }
  }
}
