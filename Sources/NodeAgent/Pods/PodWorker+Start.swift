import APIClient
import ContainerRuntime
import Glibc
import JSONTree
import KubernetesAPI
import LinuxKernel

extension PodWorker {
  enum StartOutcome: Sendable {
    case started
    /// Failed; the next try is due then.
    case retry(Timestamp)
  }

  /// Brings one container up. Failures become the reason the container waits, and events.
  func start(_ start: PodPlan.Start) async -> StartOutcome {
    let name = start.name
    var start = start
    start.attempt = max(start.attempt, attemptAfterStatus(name))
    guard let container = pod.podContainer(named: name) else { return .retry(context.now() + .seconds(10)) }
    do {
      if let old = observation.runtime.current(name) {
        if old.state == .exited, !observation.superseded.contains(old.id) {
          backoff.noteTry(name, failedAt: PodRuntime.timestamp(old.finishedAt), now: context.now())
        } else if old.state != .exited {
          // Nobody knows whether it runs: two of a kind must not.
          try await context.runtime.stopContainer(old.id, graceSeconds: 0)
        }
      }
      if volumePaths.isEmpty { try await mountVolumes() } else if isRefreshDue { await refreshVolumes() }
      let image = try await ensureImage(container)
      let id = try await create(container, start, image)
      try await launch(container, id)
      return .started
    } catch let error as NodeAgentError {
      if Task.isCancelled { return .retry(context.now()) }
      observation.waiting[name] = (error.code.rawValue, error.message)
      switch error.code {
      case .errImagePull:
        // The next round says that it waits.
        return .retry(context.now() + .seconds(1))
      case .imagePullBackOff:
        return .retry(pullRetry(container.image))
      case .errImageNeverPull, .invalidImageName:
        context.events.container(pod, name, .warning, "Failed", "Error: \(error.code.rawValue)")
        return .retry(context.now() + .seconds(10))
      case .runContainerError, .postStartHook:
        try? await refresh()
        return .retry(context.now() + .seconds(10))
      default:
        // What was missing may be there the next time.
        volumesRefreshed = Timestamp(seconds: 0)
        context.events.container(pod, name, .warning, "Failed", "Error: \(error.message)")
        return .retry(context.now() + .seconds(10))
      }
    } catch {
      if !Task.isCancelled {
        observation.waiting[name] = ("CreateContainerError", Self.message(error))
        context.events.container(pod, name, .warning, "Failed", "Error: \(Self.message(error))")
      }
      return .retry(context.now() + .seconds(5))
    }
  }

  /// Where the runtime has nothing of a container that ran before, its status says how often it did.
  private func attemptAfterStatus(_ name: String) -> UInt32 {
    guard observation.runtime.newest(name) == nil, let told = toldStatus(name), told["containerID"] != nil else {
      return 0
    }
    return UInt32(clamping: (told["restartCount"]?.int ?? 0) + 1)
  }

  private func toldStatus(_ name: String) -> JSON? {
    ["containerStatuses", "initContainerStatuses"].lazy.flatMap { self.previousStatus[$0]?.items ?? [] }
      .first { $0.containerName == name }
  }

  // MARK: Container

  private func create(_ container: JSON, _ start: PodPlan.Start, _ image: CRI.Image) async throws -> String {
    let name = start.name
    guard let sandbox = observation.runtime.readySandbox else {
      throw NodeAgentError(.createContainerError, "the sandbox went away before container \(name) was made")
    }
    if !KernelFile.exists(context.configuration.directory(of: uid) + "/etc-hosts") { try writeHostsFile() }
    var builder = ContainerConfigBuilder(
      pod: pod, configuration: context.configuration,
      environment: EnvironmentBuilder(
        field: context.downward(pod, addresses: sandbox.addresses), services: context.services(pod.namespace),
        configMaps: sources.configMaps, secrets: sources.secrets, file: fileReader()),
      volumePaths: volumePaths, nodeMemory: context.machine.memory)
    builder.target = try processTarget(of: container)
    builder.subPaths = try await bindSubPaths(of: container, environment: builder.environment)
    let config = try builder.config(for: container, attempt: start.attempt, image: image, imageReference: image.id)
    let sandboxConfig = try context.sandboxes.config(for: pod, attempt: sandbox.attempt)
    try KernelFile.makeFolder("\(sandboxConfig.logDirectory)/\(name)")
    if let path = container["terminationMessagePath"]?.string, !path.isEmpty {
      let file = context.configuration.terminationMessagePath(uid: uid, container: name, attempt: start.attempt)
      try KernelFile.makeFolder(String(file[..<file.lastIndex(of: "/")!]))
      _ = try FileDescriptor.open(file, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o666)
      // Any user the container runs as may write it, whatever our umask is.
      chmod(file, 0o666)
    }
    do {
      let id = try await context.runtime.createContainer(config, in: sandbox.id, config: sandboxConfig)
      await note(id)
      await noteMade(name)
      context.events.container(pod, name, .normal, "Created", "Container created")
      return id
    } catch {
      try Task.checkCancellation()
      throw NodeAgentError(.createContainerError, Self.message(error))
    }
  }

  /// Links in a volume lead nowhere outside it.
  private func fileReader() -> @Sendable (String, String) throws(NodeAgentError) -> String? {
    { [volumePaths] (volume, path) throws(NodeAgentError) in
      guard let place = volumePaths[volume] else { return nil }
      do {
        let found = try FolderRoot(place).find(path)
        let raw = found.rawValue
        var information = stat()
        try systemCall("fstat", path) { fstat(raw, &information) }
        // A pipe would keep its reader waiting.
        guard information.st_mode & S_IFMT == S_IFREG else {
          throw NodeAgentError(.createContainerConfigError, "couldn't parse env file: \(path) is no regular file")
        }
        return String(decoding: try KernelFile.read("/proc/thread-self/fd/\(found.rawValue)"), as: UTF8.self)
      } catch let error as KernelError where error.errno == ENOENT {
        return nil
      } catch let error as NodeAgentError {
        throw error
      } catch {
        throw NodeAgentError(.createContainerConfigError, "couldn't parse env file: \(Self.message(error))")
      }
    }
  }

  /// The container whose processes an ephemeral one is to see.
  private func processTarget(of container: JSON) throws(NodeAgentError) -> String? {
    guard let name = container["targetContainerName"]?.string, !name.isEmpty else { return nil }
    guard let target = observation.runtime.newest(name) else {
      throw NodeAgentError(.createContainerConfigError, "unable to find target container \(name)")
    }
    return target.id
  }

  private func bindSubPaths(of container: JSON, environment: EnvironmentBuilder) async throws -> [Int: String] {
    let mounts = container["volumeMounts"]?.items ?? []
    guard mounts.contains(where: { $0["subPath"] != nil || $0["subPathExpr"] != nil }) else { return [:] }
    var values: [String: String] = [:]
    for variable in try environment.variables(for: container) { values[variable.key] = variable.value }
    return try await context.volumes.bind(
      try SubPath.find(in: container, values: values), uid: uid, volumePaths: volumePaths, logger: logger)
  }

  private func launch(_ container: JSON, _ id: String) async throws {
    let name = container.containerName
    do {
      try await context.runtime.startContainer(id)
    } catch {
      let text = Self.message(error)
      context.events.container(pod, name, .warning, "Failed", "Error: \(text)")
      throw NodeAgentError(.runContainerError, text)
    }
    context.events.container(pod, name, .normal, "Started", "Container started")
    observation.waiting[name] = nil
    ownContainers.insert(id)
    try await refresh()
    if let hook = container["lifecycle"]?["postStart"] {
      try await postStart(hook, container, id)
      try await refresh()
    }
    guard observation.runtime.isRunning(name) else { return }
    if container["startupProbe"] == nil {
      observation.started.insert(name)
      if container["readinessProbe"] == nil { observation.ready.insert(name) }
    }
    startMissingProbes()
  }

  private func postStart(_ hook: JSON, _ container: JSON, _ id: String) async throws {
    let name = container.containerName
    let address = observation.runtime.currentSandbox?.addresses.first ?? context.hostAddresses.first ?? ""
    let action = try ProbeAction(hook, container: container, address: address)
    let result = await context.executor.runHook(action, containerID: id, timeout: .seconds(3600))
    guard !result.isSuccess else { return }
    try Task.checkCancellation()
    context.events.container(pod, name, .warning, "FailedPostStartHook", "PostStartHook failed")
    await stop(name, reason: "FailedPostStartHook", grace: pod.gracePeriodSeconds)
    throw NodeAgentError(.postStartHook, "PostStartHook failed: \(result.message)")
  }
}
