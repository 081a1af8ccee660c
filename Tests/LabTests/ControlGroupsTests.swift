import Lab
import LinuxKernel
import Testing

struct ControlGroupsTests {
  private static func groups(_ mountinfo: String) -> ControlGroups {
    ControlGroups(mounts: MountPoint.parse(mountinfo))
  }

  @Test func version2Alone() {
    let groups = Self.groups("30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n")
    #expect(groups.isUnified)
    #expect(groups.hierarchies.map(\.target) == ["/sys/fs/cgroup"])
  }

  @Test func bothSideBySide() {
    let groups = Self.groups(
      """
      30 23 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw
      31 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
      32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
      33 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory

      """)
    #expect(!groups.isUnified)
    #expect(groups.hierarchies.map(\.target) == ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"])
    #expect(groups.hierarchies.map(\.isVersion2) == [false, true])
  }

  @Test func none() {
    #expect(!Self.groups("").isUnified)
  }
}

struct KernelControlGroupsTests {
  @Test func groupsAreMadeTakeProcessesAndGo() throws {
    let groups = try ControlGroups()
    try #require(!groups.hierarchies.isEmpty, "no control groups are mounted")
    let name = "switchboard-test-\(UInt32.random(in: .min ... .max))"
    defer { #expect(throws: Never.self) { try groups.remove(name) } }
    try groups.create("\(name)/node-1/system")

    // A child moves itself, as a supervisor does, and shows where it is.
    let script = groups.hierarchies.map { "echo 0 >\($0.target)/\(name)/node-1/system/cgroup.procs" }
    var launcher = ProcessLauncher(
      "/bin/sh", ["-c", "set -e; \(script.joined(separator: "; ")); cat /proc/self/cgroup"])
    launcher.standardError = 2
    let output = try ProgramOutput.run(launcher)
    #expect(output.exit.isSuccess)
    let places = output.text.split(separator: "\n").filter { $0.hasSuffix("/\(name)/node-1/system") }
    #expect(places.count == groups.hierarchies.count)
    #expect(groups.names(withPrefix: name) == [name])
  }
}
