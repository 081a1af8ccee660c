internal import Glibc
internal import LinuxKernel
internal import NetworkTypes

/// The first process of a node: it makes the node's mounts, holds the agent's sockets, starts containerd, the agent and on
/// the first node the server, starts again what ends, and reaps what is left behind.
///
/// It is single-threaded and has to stay so: it waits in one place, for signals, for files, and for the next start.
package struct Supervisor: ~Copyable {
  private let node: NodeSpecification
  private let signals: SignalQueue
  private let files: FolderWatch
  private let log: FileDescriptor
  private let sockets: NodeSockets
  private var programs: [SupervisedProgram]

  /// How long programs may take to end after they were asked.
  private static let grace = Duration.seconds(5)

  /// Runs until SIGTERM or SIGINT. Call it on the only thread of a process that was born in namespaces of its own.
  package static func run(specification path: String) throws {
    let signals = try SignalQueue([SIGTERM, SIGINT, SIGCHLD, SIGHUP])
    let node = try NodeSpecification.load(from: path)
    // Before the mounts: the logs may lie where they cover.
    let log = try openLog(node, "supervisor")
    let logs = try ["containerd", "server", "agent"].map { try openLog(node, $0).release() }
    try becomeNode(node)
    let sockets = try NodeSockets(
      dns: node.addresses.map(\.family.addresses.dns), kubeletPort: ClusterAddresses.kubeletPort,
      pluginSocket: NodePaths.pluginSocket)
    let files = try FolderWatch()
    try files.add(NodePaths.shared)
    var supervisor = Supervisor(
      node: node, signals: signals, files: files, log: log, sockets: sockets,
      programs: try programs(of: node, logs: logs, sockets: sockets))
    try supervisor.loop()
  }

  private init(
    node: NodeSpecification, signals: consuming SignalQueue, files: consuming FolderWatch,
    log: consuming FileDescriptor, sockets: NodeSockets, programs: [SupervisedProgram]
  ) {
    self.node = node
    self.signals = signals
    self.files = files
    self.log = log
    self.sockets = sockets
    self.programs = programs
  }

  private static func becomeNode(_ node: NodeSpecification) throws {
    let groups = try ControlGroups()
    try groups.enter(node.controlGroup)
    try Namespaces.unshare(.cgroup)
    if groups.isUnified {
      // Version 2 allows either processes or groups with controllers in one place.
      try groups.create("\(node.controlGroup)/system")
      try groups.enter("\(node.controlGroup)/system")
    }
    try NodeMounts.detach()
    try NodeMounts.mountSystem(stage: NodeFolder(node.folder).sys, group: node.controlGroup)
    try NodeMounts.mountFolders(node)
    try Processes.setHostName(node.name)
  }

  private static func openLog(_ node: NodeSpecification, _ name: String) throws -> FileDescriptor {
    try .open("\(node.logFolder)/\(name).log", O_WRONLY | O_CREAT | O_APPEND)
  }

  /// What runs on the node. `logs`: for containerd, server and agent.
  private static func programs(
    of node: NodeSpecification, logs: [Int32], sockets: NodeSockets
  ) throws -> [SupervisedProgram] {
    // A crash is to end a process at once: the backtracer costs seconds in which nothing serves.
    let environment =
      ProcessLauncher.currentEnvironment().filter { !$0.hasPrefix("SWIFT_BACKTRACE=") && !$0.hasPrefix("KUBECONFIG=") }
      + ["SWIFT_BACKTRACE=enable=no"]
    func launcher(_ program: String, _ arguments: [String], log: Int32) -> ProcessLauncher {
      var launcher = ProcessLauncher(program, arguments, environment: environment)
      launcher.standardOutput = log
      launcher.standardError = log
      launcher.newSession = true
      launcher.workingDirectory = "/"
      return launcher
    }
    guard let containerd = ProcessLauncher.find("containerd") else {
      throw LabError(.missing, "containerd is missing: apt-get install containerd")
    }
    let switchboard = "\(NodePaths.programs)/switchboard"
    var agent = launcher(
      switchboard,
      [
        "agent", "--credentials", NodePaths.credentials, "--node-name", node.name, "--node-ip",
        Self.list(node.addresses), "--container-runtime-endpoint", "unix://\(NodePaths.containerdSocket)",
      ] + Self.blocks(of: node), log: logs[2])
    agent.inherited = sockets.inherited
    var programs = [
      SupervisedProgram(
        name: "containerd",
        launcher: launcher(containerd, ["--config", NodePaths.containerdConfiguration], log: logs[0])),
      SupervisedProgram(name: "agent", launcher: agent, waitsFor: NodePaths.kubeconfig),
    ]
    if node.runsServer {
      let everywhere = IPAddress(family: node.addresses.contains { $0.family == .v6 } ? .v6 : .v4, value: 0)
      let arguments =
        [
          "server", "--data-dir", NodePaths.serverData, "--advertise-address", "\(node.addresses[0])",
          "--bind-address", "\(everywhere)", "--kubeconfig-out", NodePaths.kubeconfig,
          "--load-balancer-pool", Self.list(node.addresses.map(\.family.addresses.loadBalancerPool)),
        ] + Self.blocks(of: node)
      programs.insert(
        SupervisedProgram(name: "server", launcher: launcher(switchboard, arguments, log: logs[1])), at: 0)
    }
    return programs
  }

  /// The cluster's blocks, as server and agents are told them.
  private static func blocks(of node: NodeSpecification) -> [String] {
    let addresses = node.addresses.map(\.family.addresses)
    return ["--pod-cidr", list(addresses.map(\.podBlock)), "--service-cidr", list(addresses.map(\.serviceBlock))]
  }

  private static func list(_ items: [some CustomStringConvertible]) -> String {
    items.map(\.description).joined(separator: ",")
  }

  private mutating func loop() throws {
    note("node \(node.name), address \(Self.list(node.addresses))")
    while true {
      let now = ContinuousClock.now
      for index in programs.indices {
        if let error = programs[index].startIfDue(now: now) {
          note("\(programs[index].name) cannot be started: \(error)")
        }
      }
      let next = programs.filter { $0.process == nil && !$0.isWaitingForFile }.compactMap(\.due).min()
      _ = try Descriptors.waitReadable(
        [signals.descriptor.rawValue, files.descriptor.rawValue],
        milliseconds: next.map(Self.milliseconds(until:)) ?? -1)
      try files.drain()
      while let arrival = try signals.take() {
        switch arrival.signal {
        case SIGCHLD: try reap()
        case SIGTERM, SIGINT: return try stop()
        default: break
        }
      }
    }
  }

  /// Until an instant, rounded up; zero where it has passed.
  private static func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
    let (seconds, attoseconds) = (instant - .now).components
    return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
  }

  /// Collects every child that ended: programs of ours, and orphans that became ours.
  private mutating func reap() throws(KernelError) {
    while let (pid, status) = try Processes.reap() {
      for index in programs.indices where programs[index].process?.pid == pid {
        programs[index].ended(now: .now)
        note("\(programs[index].name) ended (\(status)); starting it again")
      }
    }
  }

  /// Asks the programs to end, those that depend on others first; what is left ends with this process.
  private mutating func stop() throws {
    note("stopping")
    let deadline = ContinuousClock.now + Self.grace
    for name in ["agent", "server", "containerd"] {
      guard let index = programs.firstIndex(where: { $0.name == name }) else { continue }
      try programs[index].process?.signal(SIGTERM)
      while programs[index].process != nil, ContinuousClock.now < deadline {
        _ = try Descriptors.waitReadable(
          [signals.descriptor.rawValue], milliseconds: Self.milliseconds(until: deadline))
        while try signals.take() != nil {}
        try reap()
      }
    }
  }

  private borrowing func note(_ text: String) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let fraction = "\(1000 + now.tv_nsec / 1_000_000)".dropFirst()
    try? log.write(Array("\(now.tv_sec).\(fraction) \(text)\n".utf8))
  }
}
