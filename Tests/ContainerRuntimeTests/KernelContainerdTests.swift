import Glibc
import LinuxKernel
import Logging
import Testing

@testable import ContainerRuntime

/// A real containerd in mount, network and PID namespaces of its own; the sandbox uses that network namespace as a
/// host's, so that no CNI plugin is needed.
@Suite(.serialized) struct KernelContainerdTests {
  private static var missing: String? {
    if getuid() != 0 { return "root is needed" }
    return ["containerd", "runc", "ctr"].first { ProcessLauncher.find($0) == nil }.map { "\($0) is not installed" }
  }

  @Test(.enabled(if: missing == nil, "containerd, runc and root are needed"))
  func aSandboxAndAProcessRunAndLeaveNothingBehind() async throws {
    let directory = "/tmp/switchboard-runtime-\(getpid())"
    let cgroup = "/switchboard-runtime-\(getpid())"
    let configuration = ContainerdConfiguration(
      rootDirectory: directory + "/root", stateDirectory: directory + "/state",
      networkPluginDirectory: directory + "/bin", networkConfigurationDirectory: directory + "/net.d",
      logPath: directory + "/containerd.log", executable: directory + "/containerd")
    try KernelFile.makeFolder(directory)
    let script = """
      #!/bin/sh
      exec unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private \\
        sh -c 'mount -t tmpfs none /run && exec containerd "$@"' sh "$@"

      """
    try KernelFile.replace(directory + "/containerd", with: Array(script.utf8), mode: 0o755)
    let containerd = Containerd(configuration: configuration, logger: Logger(label: "test"))
    let clock = ContinuousClock()
    do {
      let begin = clock.now
      let pid = try await containerd.start()
      print("containerd ready after \(clock.now - begin)")
      #expect(pid != nil)
      #expect(try await containerd.start() == nil, "a running one is adopted")
      let client = containerd.client()
      try await exercise(client, directory: directory, cgroup: cgroup)
      await client.disconnect()
    } catch {
      Issue.record(error)
    }
    try await containerd.removeAllSandboxes()
    try await containerd.stop()
    #expect(await !containerd.isRunning())
    #expect(try MountPoint.all().allSatisfy { !$0.target.hasPrefix(directory) })
    for hierarchy in FileTree.names(in: "/sys/fs/cgroup") { removeCgroup("/sys/fs/cgroup/\(hierarchy)\(cgroup)") }
    try FileTree.remove(directory)
  }

  private func removeCgroup(_ path: String) {
    for child in FileTree.names(in: path) { removeCgroup("\(path)/\(child)") }
    rmdir(path)
  }

  private func exercise(_ client: CRIClient, directory: String, cgroup: String) async throws {
    let events = try await client.events()
    var sandbox = CRI.PodSandboxConfig()
    sandbox.metadata.name = "pause"
    sandbox.metadata.uid = "1"
    sandbox.metadata.namespace = "default"
    sandbox.logDirectory = directory + "/logs"
    sandbox.linux.cgroupParent = cgroup
    sandbox.linux.securityContext.namespaceOptions.network = .node
    let clock = ContinuousClock()
    let begin = clock.now
    let id = try await client.runSandbox(sandbox)
    print("sandbox after \(clock.now - begin)")
    #expect(try await client.sandboxes(labels: [:]).map(\.id) == [id])

    var container = CRI.ContainerConfig()
    container.metadata.name = "main"
    container.image.image = PauseImage.reference
    container.logPath = "main.log"
    let first = try await client.createContainer(container, in: id, config: sandbox)
    try await client.startContainer(first)
    for try await event in events where event.containerID == first {
      #expect(event.kind == .started)
      break
    }
    let failure = await #expect(throws: ContainerRuntimeError.self) {
      _ = try await client.exec(
        ExecRequest(
          containerID: first, command: ["/missing"], hasInput: true, hasOutput: true, hasErrorOutput: true,
          hasTerminal: false))
    }
    #expect(failure?.message.contains("no such file") == true, "\(failure?.message ?? "")")
    #expect(FileTree.names(in: client.pipeDirectory).isEmpty)
    try await client.stopContainer(first, graceSeconds: 0)
    #expect(try await client.containerStatus(first).state == .containerExited)
    try await client.stopSandbox(id)
    try await client.removeSandbox(id)
    #expect(try await client.sandboxes(labels: [:]).isEmpty)
  }
}
