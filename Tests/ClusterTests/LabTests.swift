import Glibc
import Lab
import LinuxKernel
import SwitchboardTesting
import Testing

@Suite(.serialized) struct ClusterLabTests {
  /// What a lab could leave behind on the machine, without the lab that other tests share.
  private static func traces() throws -> Set<String> {
    var traces = Set(FileTree.names(in: "/var/lib/switchboard/labs").map { "file \($0)" })
    traces.formUnion(try MountPoint.all().map { "mount \($0.target)" })
    for group in ["memory", "unified"] {
      traces.formUnion(
        FileTree.names(in: "/sys/fs/cgroup/\(group)").filter { $0.hasPrefix("switchboard-") }.map { "group \($0)" })
    }
    for pid in FileTree.names(in: "/proc").compactMap(Int32.init) {
      guard let line = try? KernelFile.text("/proc/\(pid)/cmdline"), line.contains("switchboard\0") else { continue }
      traces.insert("process \(pid) \(line.replacing("\0", with: " "))")
    }
    return traces
  }

  private static func lab(_ arguments: [String]) throws -> LabSession.Output {
    let output = try ProgramOutput.run(ProcessLauncher(Repository.program, ["lab", "run"] + arguments))
    return LabSession.Output(code: output.exit.shellCode, text: output.text)
  }

  @Test func threeNodesAreReadyAndNothingIsLeft() throws {
    let before = try Self.traces()
    let output = try Self.lab(["--nodes", "3", "--", "kubectl", "get", "nodes", "--no-headers"])
    #expect(output.code == 0)
    #expect(output.lines.count == 3)
    #expect(output.lines.allSatisfy { $0.split(separator: " ").dropFirst().first == "Ready" })
    let left = try Self.traces().subtracting(before)
    #expect(left == [])
  }

  @Test func theCommandsExitCodeIsPassedOn() throws {
    #expect(try Self.lab(["--", "sh", "-c", "exit 42"]).code == 42)
    #expect(try Self.lab(["--", "sh", "-c", "kill -TERM $$"]).code == 143)
  }

  @Test func labsRunSideBySideAndHaveNoWayOut() throws {
    let one = try LabSession(nodes: 1)
    let two = try LabSession(nodes: 1)
    #expect(try one.kubectl("get", "nodes", "-o", "name") == "node/node-1")
    #expect(try two.kubectl("get", "nodes", "-o", "name") == "node/node-1")
    try one.kubectl("create", "namespace", "only-here")
    #expect(try two.run(["kubectl", "get", "namespace", "only-here"]).code == 1)
    let links = try one.shell("ip -br link | sed 's/[@ ].*//' | LC_ALL=C sort | paste -sd ' '")
    #expect(links == "lo swb-node-1 switchboard0")
    let routes = try one.shell("ip route show default")
    #expect(routes == "")
    try one.end()
    try two.end()
  }

  @Test func killedAtAnyMomentItLeavesNothing() throws {
    let before = try Self.traces()
    for milliseconds: Int32 in [30, 300, 1500] {
      let child = try ProcessLauncher(Repository.program, ["lab", "run", "--nodes", "2", "--", "sleep", "60"]).launch()
      _ = try child.wait(milliseconds: milliseconds)
      try child.signal(SIGKILL)
      _ = try child.wait()
    }
    let deadline = ContinuousClock.now + .seconds(10)
    while try !Self.traces().subtracting(before).isEmpty, ContinuousClock.now < deadline { usleep(20_000) }
    #expect(try Self.traces().subtracting(before) == [])
  }

  @Test func aSignalEndsTheCommandAndTheLab() throws {
    let lab = try LabSession(nodes: 1)
    try lab.process.signal(SIGTERM)
    // An interactive shell would ignore it; one that reads a pipe ends.
    #expect(try lab.process.wait() == .exited(143))
  }
}
