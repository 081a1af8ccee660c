import Lab
import LinuxKernel
import SwitchboardTesting
import Testing

/// Agents started one by one, by hand, against one server: what several machines do.
@Suite(.serialized) struct ClusterMachinesTests {
  @Test func theGuestbookRunsOnAgentsStartedByHand() throws {
    let images = ["busybox", "redis", "guestbook-api", "guestbook-web"]
    var launcher = ProcessLauncher(
      "\(Repository.root)/examples/several-machines/rehearse.sh", ["\(Repository.root)/scripts/demo-steps.sh"])
    let programs = Repository.program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    launcher.environment += [
      "PROGRAMS=\(programs.joined(separator: "/"))",
      "IMAGES=\(images.map { "\(Repository.root)/.tools/images/\($0).tar" }.joined(separator: " "))",
    ]
    let output = try ProgramOutput.run(launcher)
    #expect(output.exit == .exited(0), "\(output.text)")
    #expect(output.text.contains("1. 2 nodes"))
    #expect(output.text.contains("Done after"))
    #expect(!FileTree.names(in: "/var/tmp").contains { $0.hasPrefix("switchboard-machines.") })
  }
}
