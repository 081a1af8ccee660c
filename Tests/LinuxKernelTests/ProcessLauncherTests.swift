import Glibc
import LinuxKernel
import Testing

@Suite struct KernelProcessLauncherTests {
  private func output(of launcher: ProcessLauncher) throws -> (text: String, status: ProcessExit) {
    var launcher = launcher
    var pipe = try Pipe()
    launcher.standardOutput = pipe.write
    let child = try launcher.launch()
    pipe.closeWrite()
    let text = String(decoding: try pipe.read.readToEnd(), as: UTF8.self)
    return (text, try child.wait())
  }

  @Test func argumentsAndEnvironmentReachTheChild() throws {
    let launcher = ProcessLauncher(
      "/bin/sh", ["-c", "echo $1 $GREETING; exit 3", "sh", "a b"], environment: ["GREETING=hi"])
    let result = try output(of: launcher)
    #expect(result.text == "a b hi\n")
    #expect(result.status == .exited(3))
  }

  @Test func aMissingProgramIsAnErrorOfTheLaunch() {
    let error = #expect(throws: KernelError.self) { try ProcessLauncher("/no/such/program").launch() }
    #expect(error?.errno == ENOENT)
    #expect(error?.message.contains("execute /no/such/program") == true)
  }

  @Test func newNamespacesMakeTheChildProcessOne() throws {
    var launcher = ProcessLauncher("/bin/sh", ["-c", "echo $$; readlink /proc/self/ns/net || true"])
    launcher.newNamespaces = [.process, .mount, .hostName, .network]
    #expect(try output(of: launcher).text.hasPrefix("1\n"))
  }

  @Test func joinedNamespaceIsEntered() throws {
    let namespace = try NetworkNamespace.create()
    var launcher = ProcessLauncher("/bin/readlink", ["/proc/self/ns/net"])
    launcher.joinedNamespaces = [namespace.descriptor.rawValue]
    #expect(try output(of: launcher).text == "net:[\(namespace.inode)]\n")
  }

  @Test func joinedProcessNamespaceIsEntered() throws {
    var outer = ProcessLauncher("/bin/sleep", ["100"])
    outer.newNamespaces = .process
    let initProcess = try outer.launch()
    defer { _ = try? initProcess.terminate(graceMilliseconds: 0) }
    let namespace = try FileDescriptor.open("/proc/\(initProcess.pid)/ns/pid")
    var launcher = ProcessLauncher("/bin/sh", ["-c", "echo $$"])
    launcher.joinedProcessNamespace = namespace.rawValue
    #expect(try output(of: launcher).text == "2\n")
    // Our own children are born at home again.
    #expect(Int(try output(of: ProcessLauncher("/bin/sh", ["-c", "echo $$"])).text.dropLast())! > 2)
  }

  @Test func inheritedDescriptorsAreAnnouncedTheSystemdWay() throws {
    let pipe = try Pipe()
    try pipe.write(Array("lent".utf8))
    var launcher = ProcessLauncher(
      "/bin/sh",
      ["-c", "test $LISTEN_PID = $$ && echo $LISTEN_FDS $LISTEN_FDNAMES; head -c 4 <&3; ls /proc/self/fd | wc -l"])
    launcher.inherited = [(pipe.read.rawValue, "dns-udp")]
    // 0, 1, 2, 3 and the one that ls opens itself: nothing of ours leaks.
    #expect(try output(of: launcher).text == "1 dns-udp\nlent5\n")
  }

  @Test func signalsAreReported() async throws {
    let child = try ProcessLauncher("/bin/sleep", ["100"]).launch()
    #expect(try child.exitStatus() == nil)
    try child.signal(SIGKILL)
    #expect(try await child.exit() == .signalled(SIGKILL))
    #expect(try child.exitStatus() == .signalled(SIGKILL))
    try child.signal(SIGKILL)
  }

  @Test func theDeathSignalEndsTheGrandchild() throws {
    // The launching thread of a test may end; the child of a launcher with a death signal must outlive it.
    let namespace = try NetworkNamespace.create()
    let child = try namespace.run {
      var launcher = ProcessLauncher("/bin/sleep", ["100"])
      launcher.deathSignal = SIGKILL
      return try launcher.launch()
    }
    #expect(try child.wait(milliseconds: 50) == nil)
    #expect(try child.terminate(graceMilliseconds: 1000) == .signalled(SIGTERM))
  }
}
