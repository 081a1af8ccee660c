import Glibc
import LinuxKernel
import NetworkTypes
import Testing

@testable import Lab

struct ClusterStateTests {
  /// A folder that goes with the test.
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = "/tmp/switchboard-test-\(UInt32.random(in: .min ... .max))"
    try KernelFile.makeFolder(folder)
    defer { try? FileTree.remove(folder) }
    try body(folder)
  }

  private static let node = ClusterState.Node(
    name: "node-1", address: "172.30.0.11", supervisor: ProcessIdentity(pid: 1, startTime: 2), folder: "/a",
    logFolder: "/b")

  @Test func whatWasSavedIsRead() throws {
    try Self.withFolder { folder in
      var state = ClusterState(name: "c", controlGroup: "g", kubeconfig: "/k", nodes: [Self.node])
      state.uplinkFamilies = [.v4, .v6]
      state.formerSettings = [FormerSetting(name: "net/ipv4/ip_forward", value: "0")]
      try state.save(to: "\(folder)/cluster.json")
      #expect(try ClusterState.load(from: "\(folder)/cluster.json") == state)
    }
  }

  @Test func noFileIsNoCluster() throws {
    #expect(try ClusterState.load(from: "/nonexistent/cluster.json") == nil)
  }

  @Test(arguments: ["", "{", "[]", #"{"name": 1}"#]) func aDamagedFileIsSaidToBe(_ text: String) throws {
    try Self.withFolder { folder in
      let path = "\(folder)/cluster.json"
      try KernelFile.replace(path, with: Array(text.utf8))
      let error = #expect(throws: LabError.self) { try ClusterState.load(from: path) }
      #expect(error?.code == .damaged)
      #expect(error?.message.contains(path) == true)
    }
  }

  @Test func aNodeThatIsNotThereIsNamedWithThoseThatAre() {
    let state = ClusterState(name: "c", controlGroup: "g", kubeconfig: "/k", nodes: [Self.node])
    let error = #expect(throws: LabError.self) { try state.node("node-9") }
    #expect(error?.message == "there is no node node-9; there are node-1")
  }

  @Test func theStartTimeIsFoundBehindAnyName() {
    let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20"
    #expect(ProcessIdentity.startTime(inStat: "7 (a) \(rest)") == 4711)
    #expect(ProcessIdentity.startTime(inStat: "7 (a) b (c)) \(rest)") == 4711)
    #expect(ProcessIdentity.startTime(inStat: "7 (a) Z\(rest.dropFirst())") == nil)
    #expect(ProcessIdentity.startTime(inStat: "") == nil)
  }

  @Test func aProcessIsItselfAndNotItsSuccessor() throws {
    let own = try #require(ProcessIdentity(runningAs: getpid()))
    #expect(own.isRunning)
    #expect(!ProcessIdentity(pid: own.pid, startTime: own.startTime + 1).isRunning)
  }

  @Test func aSpecificationComesBackAsItWas() throws {
    try Self.withFolder { folder in
      let node = NodeSpecification(
        name: "node-1", addresses: [IPAddress("172.30.0.11")!, IPAddress("fd53:7762::11")!], folder: "/f",
        sharedFolder: "/s",
        logFolder: "/l", controlGroup: "g/n", program: "/p", plugin: "/q", runsServer: true)
      try node.save(to: "\(folder)/node.json")
      #expect(try NodeSpecification.load(from: "\(folder)/node.json") == node)
    }
  }
}
