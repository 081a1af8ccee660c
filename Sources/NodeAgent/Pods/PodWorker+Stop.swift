import APIClient
import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging

extension PodWorker {
  /// Ends one container: its hook, its signal, then the kill. Returns when it has ended or the runtime failed.
  /// - Parameter withheld: the signal waits for the pod's withdrawal from Services, beside the hook.
  @discardableResult
  func stop(_ name: String, reason: String?, grace: Int64, withheld: Bool = false) async -> Bool {
    guard let running = observation.runtime.newest(name), running.state == .running else { return true }
    let begin = context.now()
    let container = pod.podContainer(named: name)
    // The readiness probe goes on: whether the container still takes connections matters to its end.
    stopProbes(of: running.id, except: .readiness)
    if reason == nil { context.events.container(pod, name, .normal, "Killing", "Stopping container \(name)") }
    async let withdrawn: Void = withheld ? waitForWithdrawal() : ()
    if let hook = container?["lifecycle"]?["preStop"], let container, grace > 0,
      preStopDone.insert(running.id).inserted
    {
      await preStop(hook, container, running.id, grace)
    }
    await withdrawn
    let spent = (context.now() - begin).components.seconds
    // Upstream leaves a container two seconds after its hook used the whole period up; a grace of 0 kills at once.
    let left = grace == 0 ? 0 : max(2, grace - spent)
    do {
      let signal = (try? StopSignal.number(of: container)) ?? nil
      try await context.runtime.stopContainer(running.id, graceSeconds: left, signal: signal)
      return true
    } catch {
      guard !Task.isCancelled else { return false }
      logger.warning(
        "A container could not be stopped.", metadata: ["container": "\(name)", "error": "\(Self.message(error))"])
      return false
    }
  }

  /// Returns once no node sends anything new to the pod, at the end of the bound at the latest. What is spent on it counts
  /// against the grace period.
  private func waitForWithdrawal() async {
    guard let withdrawal = context.withdrawal else { return }
    let begin = endBegan ?? context.now()
    endBegan = begin
    let left = withdrawal.bound - (context.now() - begin)
    guard left > .zero else { return }
    await withTaskGroup(of: Void.self) { [clock = context.clock, name = pod.objectName] group in
      group.addTask { await withdrawal.wait(for: name) }
      // Where the sleep is cancelled, so is the wait.
      group.addTask { try? await clock.sleep(for: left) }
      await group.next()
      group.cancelAll()
    }
  }

  /// Whether Services may send to the pod, and there is time to wait for them to stop. Two seconds are what a container
  /// gets at the least, whatever came before: of so short a period nothing can be spent.
  private func isWithheld(grace: Int64) -> Bool {
    !isGone && grace > 2
      && (previousStatus["conditions"]?.items ?? []).contains {
        $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
      }
  }

  private func preStop(_ hook: JSON, _ container: JSON, _ id: String, _ grace: Int64) async {
    let address = observation.runtime.currentSandbox?.addresses.first ?? context.hostAddresses.first ?? ""
    guard let action = try? ProbeAction(hook, container: container, address: address) else { return }
    let executor = context.executor
    let clock = context.clock
    let result = await withTaskGroup(of: ProbeResult?.self) { group in
      group.addTask { await executor.runHook(action, containerID: id, timeout: .seconds(grace)) }
      group.addTask {
        try? await clock.sleep(for: .seconds(grace))
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    // A hook that used the whole period up is cut short without a word, as upstream does.
    guard result?.isSuccess == false, !Task.isCancelled else { return }
    context.events.container(pod, container.containerName, .warning, "FailedPreStopHook", "PreStopHook failed")
  }

  /// Ends the pod for good: its containers, its network, its files, and last its object.
  func terminate() async throws {
    let grace =
      isGone
      ? min(pod.gracePeriodSeconds, 1) : pod.metadata["deletionGracePeriodSeconds"]?.int ?? pod.gracePeriodSeconds
    try await stopContainers(grace: grace, withheld: isWithheld(grace: grace))
    guard !observation.runtime.hasRunningContainers else {
      wake(at: context.now() + .milliseconds(500))
      return
    }
    try await stopSandboxes()
    publish()
    try await cleanUp()
    try await finalize()
  }

  /// Ends the pod where its object stays: the phase is told once nothing of it runs any more.
  /// - Parameters:
  ///   - kind: of the event that says so.
  ///   - grace: the seconds its containers get; `nil`: as many as the pod asks for.
  func fail(
    reason: String, message: String, kind: EventRecorder.Kind = .normal, grace: Int64? = nil
  ) async throws {
    if !isFailing { context.events.pod(pod, kind, reason, message) }
    isFailing = true
    try await stopContainers(grace: grace ?? pod.gracePeriodSeconds)
    guard !observation.runtime.hasRunningContainers else {
      wake(at: context.now() + .milliseconds(500))
      return
    }
    await readTerminationMessages()
    try await stopSandboxes()
    observation.failure = (reason, message)
    publish()
  }

  private func stopContainers(grace: Int64, withheld: Bool = false) async throws {
    for kill in kills.values { kill.cancel() }
    kills = [:]
    isStopping = true
    defer { isStopping = false }
    let begin = context.now()
    let sidecars = pod.initContainers.filter(\.isSidecar).map(\.containerName)
    let mains = observation.runtime.containers.keys.filter { !sidecars.contains($0) }
    await withTaskGroup(of: Void.self) { group in
      for name in mains { group.addTask { await self.stop(name, reason: nil, grace: grace, withheld: withheld) } }
    }
    try Task.checkCancellation()
    // Sidecars serve the containers to their end, so they end after them, last started first.
    for name in sidecars.reversed() {
      let left = grace == 0 ? 0 : max(2, grace - (context.now() - begin).components.seconds)
      await stop(name, reason: nil, grace: left)
    }
    try Task.checkCancellation()
    isStopping = false
    await lookMeanwhile?.value
    stopAllProbes()
    try await refresh()
  }

  /// Takes away what the runtime and the file system still hold of the pod.
  private func cleanUp() async throws {
    for container in observation.runtime.allContainers { try await context.runtime.removeContainer(container.id) }
    for sandbox in observation.runtime.sandboxes {
      try await context.runtime.stopSandbox(sandbox.id)
      try await context.runtime.removeSandbox(sandbox.id)
    }
    try await context.volumes.remove(uid: uid, cgroupParents: [context.configuration.cgroupParent(of: pod)])
    try await BlockingThread.run { [configuration = context.configuration, pod] in
      try FileTree.remove(configuration.logDirectory(of: pod))
    }
    await context.objects.tokens.forget(pod: uid)
  }

  /// Lets the API forget the object; with finalizers it stays until their owners let go.
  private func finalize() async throws {
    await submissions?.value
    await context.statuses.flush(uid)
    if !isGone {
      do {
        try await context.objects.client.delete(
          .pods, namespace: pod.namespace, name: pod.name,
          options: DeleteOptions(gracePeriodSeconds: 0, uid: uid))
      } catch let error as APIError where error.isNotFound || error.isConflict {
        // Gone already, or another pod has the name now.
      }
    }
    finish()
  }
}
