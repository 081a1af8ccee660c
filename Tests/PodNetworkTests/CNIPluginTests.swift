import ClusterModel
import Glibc
import JSONTree
import LinuxKernel
import Logging
import Netlink
import NetworkTypes
import Testing

@testable import PodNetwork

/// The plugin as a program, as a container runtime runs it.
@Suite struct KernelCNIPluginTests {
  private func run(
    _ command: String, configuration: String, pod: TestPod? = nil, netns: String? = nil
  ) async throws -> (output: JSON?, status: ProcessExit) {
    // The server under test needs the pool's threads.
    try await BlockingThread.run {
      try self.runBlocking(command, configuration: configuration, pod: pod, netns: netns)
    }
  }

  private func runBlocking(
    _ command: String, configuration: String, pod: TestPod?, netns: String?
  ) throws -> (output: JSON?, status: ProcessExit) {
    // Test runner and programs are built into the same folder.
    var path = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, path.count)
    let runner = String(decoding: path.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = runner.split(separator: "/").dropLast().joined(separator: "/")
    var launcher = ProcessLauncher(
      "/\(folder)/switchboard-cni",
      environment: [
        "CNI_COMMAND=\(command)", "CNI_CONTAINERID=\(pod?.containerID ?? "")", "CNI_IFNAME=eth0",
        "CNI_NETNS=\(netns ?? pod.map { "/proc/\(getpid())/fd/\($0.namespace.descriptor.rawValue)" } ?? "")",
        "CNI_ARGS=K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_UID=1234",
      ])
    var input = try Pipe()
    var output = try Pipe()
    try input.write(Array(configuration.utf8))
    launcher.standardInput = input.read.rawValue
    launcher.standardOutput = output.write
    let child = try launcher.launch()
    input.closeWrite()
    output.closeWrite()
    let text = try output.read.readToEnd()
    return (text.isEmpty ? JSON?.none : try JSON.parse(text), try child.wait())
  }

  private func serving(_ body: (TestNode, String) async throws -> Void) async throws {
    let node = try TestNode(1)
    node.take(.node(node.model))
    let path = "\(node.folder)/test.sock"
    let listener = try UnixListener(path: path)
    let readiness = Readiness()
    readiness.open()
    let server = CNIServer(
      listener: listener, handler: node.network.handler, readiness: readiness, logger: Logger(label: "test"))
    try await withThrowingTaskGroup { group in
      group.addTask { try await server.run() }
      try await body(node, #"{"cniVersion":"1.0.0","name":"switchboard","type":"switchboard-cni","socket":"\#(path)"}"#)
      group.cancelAll()
    }
  }

  @Test func aPodIsAddedCheckedAndDeleted() async throws {
    try await serving { node, configuration in
      let pod = try TestPod("c0ffee")
      let added = try await run("ADD", configuration: configuration, pod: pod)
      #expect(added.status == .exited(0))
      #expect(added.output?["ips"]?.items.first?["address"]?.string == "10.244.1.1/32")
      #expect(try node.network.leases().map(\.pod.podUID) == ["1234"])
      let checked = try await run("CHECK", configuration: configuration, pod: pod)
      #expect(checked.status == .exited(0) && checked.output == JSON?.none)
      let deleted = try await run("DEL", configuration: configuration, pod: pod, netns: "")
      #expect(deleted.status == .exited(0) && deleted.output == JSON?.none)
      #expect(try node.network.leases().isEmpty)
      let missing = try await run("CHECK", configuration: configuration, pod: pod)
      #expect(missing.status == .exited(1))
      #expect(missing.output?["code"]?.int == 101)
      #expect(missing.output?["cniVersion"]?.string == "1.0.0")
    }
  }

  @Test func requestsOfManyPodsRunSideBySide() async throws {
    try await serving { node, configuration in
      let pods = try (0..<20).map { try TestPod("pod-\($0)") }
      var addresses: Set<String> = []
      try await withThrowingTaskGroup { group in
        for pod in pods {
          group.addTask { try await self.run("ADD", configuration: configuration, pod: pod).output }
        }
        for try await output in group {
          if let address = output?["ips"]?.items.first?["address"]?.string { addresses.insert(address) }
        }
      }
      #expect(addresses.count == 20)
      #expect(try node.network.leases().count == 20)
    }
  }

  @Test func withoutTheAgentTheRuntimeIsToldToTryAgain() async throws {
    let result = try await run(
      "ADD", configuration: #"{"cniVersion":"1.0.0","socket":"/run/no-such/cni.sock"}"#, pod: try TestPod("x"))
    #expect(result.status == .exited(1))
    #expect(result.output?["code"]?.int == 11)
    #expect(result.output?["details"]?.string?.contains("switchboard agent") == true)
  }

  @Test func itIsTheLoopbackPluginToo() async throws {
    let pod = try TestPod("x")
    let configuration = #"{"cniVersion":"0.3.1","name":"cni-loopback","type":"loopback"}"#
    let result = try await run("ADD", configuration: configuration, pod: pod)
    #expect(result.status == .exited(0))
    #expect(result.output?["interfaces"]?.items.first?["name"]?.string == "lo")
    #expect(try RouteSocket(in: pod.namespace).link(named: "lo")?.isUp == true)
    #expect(try await run("DEL", configuration: configuration, pod: pod).status == .exited(0))
  }

  @Test func theVersionNeedsNoAgent() async throws {
    let result = try await run("VERSION", configuration: #"{"cniVersion":"1.0.0","socket":"/run/no-such/cni.sock"}"#)
    #expect(result.status == .exited(0))
    #expect(result.output?["supportedVersions"]?.items.contains("1.0.0") == true)
  }

  @Test func brokenInputIsNamed() async throws {
    let result = try await run("ADD", configuration: "{ no json", pod: try TestPod("x"))
    #expect(result.status == .exited(1))
    #expect(result.output?["code"]?.int == 6)
  }

  @Test func anUnknownVersionIsRefused() async throws {
    try await serving { _, configuration in
      let old = String(configuration.replacing("1.0.0", with: "0.2.0"))
      let result = try await run("ADD", configuration: old, pod: try TestPod("x"))
      #expect(result.output?["code"]?.int == 1)
    }
  }
}
