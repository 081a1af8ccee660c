import ContainerRuntime
import LinuxKernel
import Synchronization

extension FakeRuntime {
  func version() async throws -> CRI.VersionResponse {
    var version = CRI.VersionResponse()
    version.runtimeName = "fake"
    version.runtimeVersion = "1"
    return version
  }

  func conditions() async throws -> [CRI.RuntimeCondition] {
    try requireReachable()
    return ["RuntimeReady", "NetworkReady"].map { type in
      var condition = CRI.RuntimeCondition()
      condition.type = type
      condition.status = true
      return condition
    }
  }

  // MARK: Sandboxes

  func runSandbox(_ config: CRI.PodSandboxConfig, handler: String) async throws -> String {
    let suffix = handler.isEmpty ? "" : " by \(handler)"
    try admit("runSandbox \(config.metadata.name)#\(config.metadata.attempt)\(suffix)", failing: "runSandbox")
    let isTaken = state.withLock { state in
      state.sandboxes.values.contains { sandbox in
        sandbox.config.metadata.uid == config.metadata.uid
          && (sandbox.isReady || sandbox.config.metadata.attempt == config.metadata.attempt)
      }
    }
    guard !isTaken else { throw refuse("a second sandbox of \(config.metadata.name)#\(config.metadata.attempt)") }
    let id = newID("sandbox")
    let time = nanoseconds
    state.withLock { state in
      let isOnHost = config.linux.securityContext.namespaceOptions.network == .node
      state.sandboxes[id] = Sandbox(
        config: config, createdAt: time, address: isOnHost ? "" : "10.244.0.\(state.counter)")
    }
    return id
  }

  func stopSandbox(_ id: String) async throws {
    try admit("stopSandbox \(id)")
    guard state.withLock({ $0.sandboxes[id] != nil }) else {
      if state.withLock({ $0.issued.contains(id) }) { return }
      throw missing(id)
    }
    for container in state.withLock({ state in state.containers.filter { $0.value.sandboxID == id }.map(\.key) }) {
      end(container, code: 137)
    }
    state.withLock { $0.sandboxes[id]?.isReady = false }
  }

  func removeSandbox(_ id: String) async throws {
    try admit("removeSandbox \(id)")
    guard let sandbox = state.withLock({ $0.sandboxes[id] }) else {
      if state.withLock({ $0.issued.contains(id) }) { return }
      throw missing(id)
    }
    guard !sandbox.isReady else { throw refuse("removal of sandbox \(id), which is ready") }
    guard state.withLock({ state in !state.containers.values.contains { $0.sandboxID == id } }) else {
      throw refuse("removal of sandbox \(id), which has containers")
    }
    state.withLock { $0.sandboxes[id] = nil }
  }

  func sandboxStatus(_ id: String) async throws -> CRI.PodSandboxStatus {
    try requireReachable()
    guard let sandbox = state.withLock({ $0.sandboxes[id] }) else { throw missing(id) }
    var status = CRI.PodSandboxStatus()
    status.id = id
    status.metadata = sandbox.config.metadata
    status.state = sandbox.isReady ? .sandboxReady : .sandboxNotready
    status.createdAt = sandbox.createdAt
    status.network.ip = sandbox.address
    return status
  }

  func sandboxes(labels: [String: String]) async throws -> [CRI.PodSandbox] {
    try requireReachable()
    return state.withLock { state in
      state.sandboxes.filter { $0.value.config.labels.has(labels) }.map { id, sandbox in
        var entry = CRI.PodSandbox()
        entry.id = id
        entry.metadata = sandbox.config.metadata
        entry.state = sandbox.isReady ? .sandboxReady : .sandboxNotready
        entry.createdAt = sandbox.createdAt
        entry.labels = sandbox.config.labels
        return entry
      }
    }
  }

  // MARK: Containers

  func createContainer(
    _ config: CRI.ContainerConfig, in sandbox: String, config sandboxConfig: CRI.PodSandboxConfig
  ) async throws -> String {
    let name = config.metadata.name
    try admit("create \(name)#\(config.metadata.attempt)", failing: "create \(name)")
    guard let owner = state.withLock({ $0.sandboxes[sandbox] }) else { throw missing(sandbox) }
    guard owner.isReady else { throw refuse("a container in sandbox \(sandbox), which is not ready") }
    guard owner.config == sandboxConfig else { throw refuse("another configuration of sandbox \(sandbox)") }
    guard state.withLock({ state in state.images.values.contains { $0.id == config.image.image } }) else {
      throw refuse("container \(name) of image \(config.image.image), which is not here")
    }
    let rival = state.withLock { state in
      state.containers.values.contains { other in
        other.config.metadata.name == name && other.config.labels["io.kubernetes.pod.uid"] == owner.config.metadata.uid
          && (other.config.metadata.attempt == config.metadata.attempt || other.state == .containerRunning)
      }
    }
    guard !rival else { throw refuse("a second container \(name)#\(config.metadata.attempt)") }
    let id = newID(name)
    let time = nanoseconds
    state.withLock {
      $0.containers[id] = Container(
        config: config, sandboxID: sandbox, createdAt: time,
        logPath: "\(sandboxConfig.logDirectory)/\(config.logPath)")
    }
    return id
  }

  func startContainer(_ id: String) async throws {
    guard let container = state.withLock({ $0.containers[id] }) else { throw missing(id) }
    let name = container.config.metadata.name
    guard container.state == .containerCreated else { throw refuse("a start of \(id), which was started") }
    do {
      try admit("start \(name)#\(container.config.metadata.attempt)", failing: "start \(name)")
    } catch {
      // As containerd does: what could not be started has ended.
      let time = nanoseconds
      state.withLock { state in
        state.containers[id]?.state = .containerExited
        state.containers[id]?.finishedAt = time
        state.containers[id]?.exitCode = 128
        state.containers[id]?.reason = "StartError"
      }
      throw error
    }
    let time = nanoseconds
    let exit = state.withLock { state in
      state.containers[id]?.state = .containerRunning
      state.containers[id]?.startedAt = time
      return state.startExits[name]
    }
    if let exit { end(id, code: exit) }
  }

  func stopContainer(_ id: String, graceSeconds: Int64, signal: UInt32?) async throws {
    guard let container = state.withLock({ $0.containers[id] }) else {
      if state.withLock({ $0.issued.contains(id) }) { return }
      throw missing(id)
    }
    let name = container.config.metadata.name
    try admit(
      "stop \(name)#\(container.config.metadata.attempt) grace=\(graceSeconds)\(signal.map { " signal=\($0)" } ?? "")",
      failing: "stop \(name)")
    while state.withLock({ $0.stubborn.contains(name) && $0.containers[id]?.state == .containerRunning }) {
      try await Task.sleep(for: .milliseconds(1))
    }
    end(id, code: state.withLock { $0.stopExits[name] } ?? 143)
  }

  func updateContainer(_ id: String, _ resources: CRI.LinuxContainerResources) async throws {
    guard let container = state.withLock({ $0.containers[id] }) else { throw missing(id) }
    let name = container.config.metadata.name
    try admit(
      "update \(name)#\(container.config.metadata.attempt) shares=\(resources.cpuShares) quota=\(resources.cpuQuota) "
        + "memory=\(resources.memoryLimitInBytes)", failing: "update \(name)")
    guard container.state == .containerRunning else { throw refuse("an update of \(id), which does not run") }
  }

  func removeContainer(_ id: String) async throws {
    guard let container = state.withLock({ $0.containers[id] }) else {
      if state.withLock({ $0.issued.contains(id) }) { return }
      throw missing(id)
    }
    try admit("remove \(container.config.metadata.name)#\(container.config.metadata.attempt)")
    guard container.state != .containerRunning else { throw refuse("removal of \(id), which runs") }
    state.withLock { $0.containers[id] = nil }
  }

  func containers(labels: [String: String]) async throws -> [CRI.Container] {
    try requireReachable()
    return state.withLock { state in
      state.containers.filter { $0.value.config.labels.has(labels) }.map { id, container in
        var entry = CRI.Container()
        entry.id = id
        entry.podSandboxID = container.sandboxID
        entry.metadata = container.config.metadata
        entry.state = container.state
        entry.createdAt = container.createdAt
        entry.labels = container.config.labels
        return entry
      }
    }
  }

  func containerStatus(_ id: String) async throws -> CRI.ContainerStatus {
    try requireReachable()
    guard let container = state.withLock({ $0.containers[id] }) else { throw missing(id) }
    var status = CRI.ContainerStatus()
    status.id = id
    status.metadata = container.config.metadata
    status.state = container.state
    status.createdAt = container.createdAt
    status.startedAt = container.startedAt
    status.finishedAt = container.finishedAt
    status.exitCode = container.exitCode
    status.reason = container.reason
    status.imageRef = container.config.image.image
    status.logPath = container.logPath
    status.annotations = container.config.annotations
    return status
  }

  func writtenBytes(by container: String) async throws -> Int64 {
    guard let name = state.withLock({ $0.containers[container]?.config.metadata.name }) else {
      throw missing(container)
    }
    return state.withLock { $0.written[name] ?? 0 }
  }

  /// Makes the new file, as a runtime does; a container that does not run has nothing to write.
  func reopenLog(of container: String) async throws {
    guard let found = state.withLock({ $0.containers[container] }) else { throw missing(container) }
    let name = found.config.metadata.name
    try admit("reopen \(name)#\(found.config.metadata.attempt)", failing: "reopen \(name)")
    guard found.state == .containerRunning else { throw refuse("a new log for \(container), which does not run") }
    guard !KernelFile.exists(found.logPath) else { throw refuse("a new log for \(container), which has one") }
    try KernelFile.replace(found.logPath, with: [])
  }

  func run(_ command: [String], in container: String, timeoutSeconds: Int64) async throws -> CRI.ExecResult {
    try requireReachable()
    if let result = state.withLock(\.runResult) { return result }
    guard state.withLock({ $0.containers[container]?.state == .containerRunning }) else { throw missing(container) }
    return CRI.ExecResult()
  }

  func exec(_ request: ExecRequest) async throws -> any ExecSession {
    let session = state.withLock { state in
      state.execRequests.append(request)
      return state.containers[request.containerID]?.state == .containerRunning ? state.session : nil
    }
    guard let session else { throw ContainerRuntimeError(.unimplemented, "the fake has no sessions") }
    return session
  }

  func attach(_ request: ExecRequest) async throws -> any ExecSession { try await exec(request) }

  /// The test's own: what listens on this machine's loopback listens in every pod of the fake.
  func networkNamespace(ofSandbox id: String) async throws -> NetworkNamespace {
    try requireReachable()
    guard state.withLock({ $0.sandboxes[id]?.isReady == true }) else { throw missing(id) }
    return try NetworkNamespace.current()
  }

  // MARK: Images and events

  func images() async throws -> [CRI.Image] { state.withLock { Array($0.images.values) } }

  func image(_ reference: String) async throws -> CRI.Image? {
    try requireReachable()
    return state.withLock { state in state.images[reference] ?? state.images.values.first { $0.id == reference } }
  }

  func pullImage(
    _ reference: String, credentials: CRI.RegistryCredentials?, sandbox: CRI.PodSandboxConfig
  ) async throws -> String {
    try admit("pull \(reference)\(credentials.map { " as \($0.username)" } ?? "")")
    if let allowed = state.withLock({ $0.registryUsers[reference] }), credentials?.username != allowed {
      throw ContainerRuntimeError(.unknown(2), "\(credentials?.username ?? "nobody") is not let in")
    }
    guard state.withLock({ $0.pullable.contains(reference) }) else {
      throw ContainerRuntimeError(.notFound, "\(reference): not found")
    }
    addImage(reference)
    return "sha256:\(reference)"
  }

  func removeImage(_ reference: String) async throws { _ = state.withLock { $0.images.removeValue(forKey: reference) } }

  func events() async throws -> AsyncThrowingStream<RuntimeEvent, any Error> {
    try requireReachable()
    let (events, continuation) = AsyncThrowingStream<RuntimeEvent, any Error>.makeStream()
    state.withLock { $0.subscribers.append(continuation) }
    return events
  }
}

extension [String: String] {
  fileprivate func has(_ wanted: [String: String]) -> Bool { wanted.allSatisfy { self[$0.key] == $0.value } }
}
