internal import Glibc
internal import LinuxKernel
internal import Netlink

/// The first process of a lab: makes the cluster inside it, runs the command once the cluster is ready, and reaps.
/// Single-threaded, like ``Supervisor``.
package final class LabInit {
  package struct Configuration: Sendable {
    package var cluster: ClusterConfiguration
    package var command: [String]
    /// Program and arguments that end with 0 once every node is ready.
    package var readiness: [String]
    /// How long the cluster may take.
    package var limit: Duration

    package init(cluster: ClusterConfiguration, command: [String], readiness: [String], limit: Duration) {
      self.cluster = cluster
      self.command = command
      self.readiness = readiness
      self.limit = limit
    }
  }

  private enum Child {
    case imageLoad(node: String, archive: String)
    case readiness
    case command
  }

  private let configuration: Configuration
  private let signals: SignalQueue
  private let files: FolderWatch
  private var children: [Int32: Child] = [:]
  private var command: ChildProcess?
  /// Nodes whose containerd has not been seen yet.
  private var nodesWithoutImages: [String]
  private var hasAskedForReadiness = false
  private var isReady = false

  /// Runs the lab and returns the exit code of the command. For the first process of namespaces of its own.
  package static func run(_ configuration: Configuration) throws -> Int32 {
    let signals = try SignalQueue([SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    // Held to the end of this process, which is the end of the lab.
    let lock = InheritedSockets.adopt()
    defer { withExtendedLifetime(lock) {} }

    let folder = configuration.cluster.folder
    let stage = "\(folder.path)/sys"
    try KernelFile.makeFolder(stage)
    try NodeMounts.detach()
    try NodeMounts.mountSystem(stage: stage, group: nil)
    let routes = try RouteSocket()
    let loopback = try routes.index(of: "lo")
    try routes.apply { $0.setUp(loopback) }

    _ = try ClusterLauncher(configuration.cluster).launch(detached: false)
    let files = try FolderWatch()
    try files.add(folder.shared)
    for node in configuration.cluster.nodeNames { try files.add(folder.node(node).containerdFolder) }
    return try LabInit(configuration, signals, files).loop()
  }

  private init(_ configuration: Configuration, _ signals: consuming SignalQueue, _ files: consuming FolderWatch) {
    self.configuration = configuration
    self.signals = signals
    self.files = files
    nodesWithoutImages = configuration.cluster.images.isEmpty ? [] : configuration.cluster.nodeNames
  }

  private func loop() throws -> Int32 {
    let deadline = ContinuousClock.now + configuration.limit
    while true {
      try proceed()
      let limit = command == nil ? max(.zero, deadline - .now) : nil
      let readable = try Descriptors.waitReadable(
        [signals.descriptor.rawValue, files.descriptor.rawValue],
        milliseconds: limit.map { Int32(clamping: $0.components.seconds * 1000 + 1) } ?? -1)
      if readable.isEmpty, command == nil, ContinuousClock.now >= deadline {
        return giveUp("the nodes were not ready within \(configuration.limit)")
      }
      try files.drain()
      while let arrival = try signals.take() {
        if arrival.signal == SIGCHLD {
          if let code = try reap() { return code }
        } else if let command {
          if !arrival.isFromKernel { try command.signal(arrival.signal) }
        } else {
          return 128 + arrival.signal
        }
      }
    }
  }

  /// Starts what has become possible.
  private func proceed() throws {
    let folder = configuration.cluster.folder
    for node in nodesWithoutImages where folder.node(node).isContainerdListening {
      nodesWithoutImages.removeAll { $0 == node }
      for archive in configuration.cluster.images {
        var launcher = try ImageLoading.launcher(archive: archive, into: folder.node(node))
        launcher.standardError = 2
        children[try launcher.launch().pid] = .imageLoad(node: node, archive: archive)
      }
    }
    if !hasAskedForReadiness, KernelFile.exists(folder.kubeconfig) {
      hasAskedForReadiness = true
      var launcher = ProcessLauncher(configuration.readiness[0], Array(configuration.readiness.dropFirst()))
      launcher.environment = environment
      launcher.standardError = 2
      children[try launcher.launch().pid] = .readiness
    }
    if isReady, nodesWithoutImages.isEmpty, children.isEmpty, command == nil { try startCommand() }
  }

  private var environment: [String] {
    let own = ["KUBECONFIG", "SWITCHBOARD_CLUSTER", "PATH"]
    let cluster = configuration.cluster
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
    let programs = cluster.program[..<(cluster.program.lastIndex(of: "/") ?? cluster.program.startIndex)]
    return ProcessLauncher.currentEnvironment().filter { line in !own.contains { line.hasPrefix("\($0)=") } }
      + [
        "KUBECONFIG=\(cluster.folder.kubeconfig)", "SWITCHBOARD_CLUSTER=\(cluster.folder.path)",
        "PATH=\(path):\(programs)",
      ]
  }

  private func startCommand() throws {
    guard let program = ProcessLauncher.find(configuration.command[0]) else {
      throw LabError(.missing, "there is no program \(configuration.command[0])")
    }
    var launcher = ProcessLauncher(program, Array(configuration.command.dropFirst()), environment: environment)
    launcher.arguments[0] = configuration.command[0]
    launcher.standardInput = 0
    launcher.standardOutput = 1
    launcher.standardError = 2
    let child = try launcher.launch()
    command = child
    children[child.pid] = .command
  }

  /// Collects whoever ended. Returns the lab's exit code once that is decided.
  private func reap() throws -> Int32? {
    while let (pid, status) = try Processes.reap() {
      switch children.removeValue(forKey: pid) {
      case .command: return status.shellCode
      case .readiness where status.isSuccess: isReady = true
      case .readiness: return giveUp("the nodes did not become ready")
      case .imageLoad(let node, let archive) where !status.isSuccess:
        return giveUp("\(node) did not take the image archive \(archive) (\(status))")
      case .imageLoad, nil: break
      }
    }
    return nil
  }

  /// Says why there is no cluster, with the last words of everything that was to run. EX_UNAVAILABLE of sysexits.h.
  private func giveUp(_ reason: String) -> Int32 {
    var text = "switchboard: \(reason)\n"
    for node in configuration.cluster.nodeNames {
      text += LogTail.text(node: node, folder: configuration.cluster.logs(of: node))
    }
    StandardError.write(text)
    return 69
  }
}
