import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging

extension PodWorker {
  /// How often, 10 ms apart, the runtime is asked again for what its events said already.
  private static let patience = 200

  /// Reads what the runtime has of this pod. The runtime's lists follow the same events as we do and may come after us:
  /// they are read again until they show the ends that were heard of.
  func refresh() async throws {
    for _ in 0..<Self.patience {
      try await read()
      let runtime = observation.runtime
      // A container that ended at once may not even be shown as running yet.
      let shown = runtime.allContainers.filter { $0.state == .running || $0.state == .created }.map(\.id)
      heardEnds.formIntersection(shown + runtime.sandboxes.filter(\.isReady).map(\.id))
      if heardEnds.isEmpty { return }
      try await context.clock.sleep(for: .milliseconds(10))
    }
    logger.warning("The runtime still shows what it said has ended.", metadata: ["ids": "\(heardEnds)"])
    heardEnds = []
  }

  private func read() async throws {
    let labels = [RuntimeLabels.podUID: uid]
    var runtime = PodRuntime()
    let known = observation.runtime
    for sandbox in try await context.runtime.sandboxes(labels: labels) {
      var entry = PodRuntime.Sandbox(
        id: sandbox.id, attempt: sandbox.metadata.attempt, isReady: sandbox.state == .sandboxReady,
        createdAt: sandbox.createdAt, addresses: known.sandboxes.first { $0.id == sandbox.id }?.addresses ?? [])
      if entry.addresses.isEmpty, entry.isReady {
        let status = try await context.runtime.sandboxStatus(sandbox.id)
        entry.addresses = context.configuration.ordered(
          podAddresses: [status.network.ip] + status.network.additionalIps.map(\.ip))
      }
      runtime.sandboxes.append(entry)
      await note(sandbox.id)
    }
    runtime.sandboxes.sort { ($0.attempt, $0.createdAt) > ($1.attempt, $1.createdAt) }
    for container in try await context.runtime.containers(labels: labels) {
      let entry = try await self.entry(container)
      runtime.containers[entry.name, default: []].append(entry)
      await note(container.id)
    }
    for name in runtime.containers.keys {
      runtime.containers[name]?.sort { ($0.attempt, $0.createdAt) > ($1.attempt, $1.createdAt) }
    }
    observation.runtime = runtime
    hasObserved = true
    adopt()
    await readTerminationMessages()
  }

  private func entry(_ container: CRI.Container) async throws -> PodRuntime.Container {
    // What has ended does not change any more.
    if let ended = exited[container.id] { return ended }
    var entry = PodRuntime.Container(
      id: container.id, sandboxID: container.podSandboxID, name: container.metadata.name,
      attempt: container.metadata.attempt, state: .unknown)
    let status: CRI.ContainerStatus
    do {
      status = try await context.runtime.containerStatus(container.id)
    } catch let error as ContainerRuntimeError where error.code == .notFound {
      return entry
    }
    switch status.state {
    case .containerCreated: entry.state = .created
    case .containerRunning: entry.state = .running
    case .containerExited: entry.state = .exited
    default: entry.state = .unknown
    }
    entry.createdAt = status.createdAt
    entry.startedAt = status.startedAt
    entry.finishedAt = status.finishedAt
    entry.exitCode = status.exitCode
    entry.reason = status.reason
    entry.message = status.message
    entry.imageReference = status.imageRef
    entry.logPath = status.logPath
    entry.definition = status.annotations[ContainerDefinition.annotation] ?? ""
    if entry.state == .exited { exited[entry.id] = entry }
    return entry
  }

  /// Readiness follows from what runs: what ended is not ready; what an earlier agent left running keeps the word the
  /// API has of it until a probe says otherwise.
  private func adopt() {
    for container in pod.initContainers + pod.containers {
      let name = container.containerName
      guard let newest = observation.runtime.newest(name), newest.state == .running else {
        observation.ready.remove(name)
        observation.started.remove(name)
        continue
      }
      observation.waiting[name] = nil
      guard !ownContainers.contains(newest.id) else { continue }
      ownContainers.insert(newest.id)
      let reported =
        (previousStatus["containerStatuses"]?.items ?? []) + (previousStatus["initContainerStatuses"]?.items ?? [])
      let old = reported.first { $0["containerID"]?.string == "containerd://\(newest.id)" }
      if container["startupProbe"] == nil || old?["started"]?.bool == true { observation.started.insert(name) }
      let isReady =
        container["readinessProbe"] == nil ? observation.started.contains(name) : old?["ready"]?.bool == true
      if isReady { observation.ready.insert(name) }
    }
    let running = Set(observation.runtime.allContainers.filter { $0.state == .running }.map(\.id))
    for id in probes.keys where !running.contains(id) { stopProbes(of: id) }
  }

  /// What ended containers left in their termination message files, or at the end of their logs.
  func readTerminationMessages() async {
    for container in observation.runtime.allContainers
    where container.state == .exited && observation.terminationMessages[container.id] == nil {
      let path = context.configuration.terminationMessagePath(
        uid: uid, container: container.name, attempt: container.attempt)
      var text = ((try? KernelFile.read(path)) ?? []).suffix(4096)
      let policy = pod.podContainer(named: container.name)?["terminationMessagePolicy"]?.string
      if text.isEmpty, policy == "FallbackToLogsOnError", container.exitCode != 0 {
        text = LogTail.last(lines: 80, bytes: 2048, of: container.logPath)[...]
      }
      observation.terminationMessages[container.id] = String(decoding: text, as: UTF8.self)
    }
  }

  /// Keeps the newest run of each container and the one before, whose log `--previous` shows.
  func collectDeadContainers() async {
    for runs in observation.runtime.containers.values {
      for dead in runs.dropFirst(2) where dead.state != .running {
        do {
          try await forget(dead)
        } catch {
          logger.debug("A run of a container stays for now.", metadata: ["id": "\(dead.id)", "error": "\(error)"])
        }
      }
    }
  }
}
