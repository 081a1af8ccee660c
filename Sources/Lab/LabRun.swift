internal import Glibc
internal import LinuxKernel

/// One command in a cluster of its own: the part that stays outside.
package struct LabRun: Sendable {
  package var stateFolder: String
  package var program: String
  /// Arguments of `lab-init` that describe the cluster and the command.
  package var initArguments: [String]

  package init(stateFolder: String, program: String, initArguments: [String]) {
    self.stateFolder = stateFolder
    self.program = program
    self.initArguments = initArguments
  }

  /// Runs the lab to its end on the calling thread, which has to be the only one. Returns the exit code of the command.
  package func run() throws -> Int32 {
    guard geteuid() == 0 else {
      throw LabError(.notPrivileged, "a lab is made of namespaces and mounts, which only root may make: use sudo")
    }
    let signals = try SignalQueue([SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    _ = LabLifetime.sweep(in: stateFolder) { _ in }
    let lab = try LabLifetime.create(in: stateFolder)
    let (status, janitor): (ProcessExit, ChildProcess)
    do {
      let child = try startInit(lab)
      janitor = try startJanitor(lab.id, child)
      status = try wait(for: child, signals)
    } catch {
      try? lab.remove()
      throw error
    }
    try lab.remove()
    // Nothing is left for it to do, and it is not to be there either.
    _ = try janitor.terminate(graceMilliseconds: 0)
    return status.shellCode
  }

  /// Somebody has to clean up where this process is killed before it can.
  private func startJanitor(_ id: String, _ child: ChildProcess) throws(KernelError) -> ChildProcess {
    var launcher = ProcessLauncher(program, ["lab", "sweep", "--after", id, "--state-dir", stateFolder])
    // The lock is released when the lab's first process begins to end; the others are gone once it has ended.
    launcher.inherited = [(child.descriptor.rawValue, "init")]
    launcher.newSession = true
    launcher.workingDirectory = "/"
    return try launcher.launch()
  }

  private func startInit(_ lab: borrowing LabLifetime) throws -> ChildProcess {
    var launcher = ProcessLauncher(
      program, ["lab-init", "--folder", lab.folder.path, "--name", lab.id] + initArguments)
    launcher.environment =
      launcher.environment.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") }
      + ["SWIFT_BACKTRACE=enable=no"]
    launcher.standardInput = 0
    launcher.standardOutput = 1
    launcher.standardError = 2
    // It holds the lab's lock: the janitor waits until the lab has ended, not only this process.
    launcher.inherited = [(lab.lock.descriptor.rawValue, "lock")]
    launcher.newNamespaces = [.process, .mount, .hostName, .network, .ipc]
    launcher.deathSignal = SIGKILL
    return try launcher.launch()
  }

  private func wait(for child: ChildProcess, _ signals: borrowing SignalQueue) throws -> ProcessExit {
    while true {
      _ = try Descriptors.waitReadable([signals.descriptor.rawValue, child.descriptor.rawValue])
      if let status = try child.exitStatus() { return status }
      while let arrival = try signals.take() {
        // What a terminal sends went to the command directly.
        if arrival.signal != SIGCHLD, !arrival.isFromKernel { try child.signal(arrival.signal) }
      }
    }
  }
}
