import APIClient
import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging

extension PodWorker {
  /// One round: see what runs, plan, act, report.
  func sync() async {
    do {
      try await refresh()
      try await admit()
      if observation.isTerminating {
        try await terminate()
        return
      }
      if pod.status.isTerminal || previousStatus.isTerminal {
        try await stopSandboxes()
        publish()
        return
      }
      if let deadline = activeDeadline, deadline <= context.now() {
        try await fail(
          reason: "DeadlineExceeded", message: "Pod was active on the node longer than the specified deadline")
        return
      }
      if let eviction {
        try await fail(reason: "Evicted", message: eviction, kind: .warning, grace: 1)
        return
      }
      let unsupported = UnsupportedFields.found(in: pod)
      if !unsupported.isEmpty {
        reportUnsupported(unsupported)
        // A pod that got the field while it ran, as `kubectl debug` gives it one, is kept up without it.
        guard observation.runtime.currentSandbox != nil else {
          publish()
          return
        }
      }
      try await resize()
      try await advance(without: refuseEphemeralContainers(unsupported))
    } catch {
      guard !Task.isCancelled else {
        // Something more urgent asked for the next round.
        return
      }
      logger.warning("A round of work on the pod failed; trying again.", metadata: ["error": "\(error)"])
      publish()
      wake(at: context.now() + .seconds(1))
    }
  }

  /// A pod that the node does not take has failed.
  private func admit() async throws {
    guard !isAdmitted else { return }
    let mayStart = !observation.isTerminating && !pod.status.isTerminal && observation.runtime.currentSandbox == nil
    if mayStart, let rejection = await context.admitter.admit(pod) {
      try Task.checkCancellation()
      context.events.pod(pod, .warning, rejection.reason, rejection.message)
      observation.failure = (rejection.reason, "Pod was rejected: \(rejection.message)")
      isAdmitted = true
      publish()
    }
    try await adoptAllocation()
    isAdmitted = true
  }

  private func reportUnsupported(_ fields: [String]) {
    let text = "this node's agent does not implement \(fields.joined(separator: ", ")); remove the field to run the pod"
    if !reportedUnsupported {
      reportedUnsupported = true
      context.events.pod(pod, .warning, "UnsupportedField", text)
    }
    guard observation.runtime.currentSandbox == nil else { return }
    for container in pod.containers + pod.initContainers {
      observation.waiting[container.containerName] = ("UnsupportedField", text)
    }
  }

  /// A container that was added with a field that is not carried out is not started; the others go on.
  private func refuseEphemeralContainers(_ fields: [String]) -> Set<String> {
    var names: Set<String> = []
    for (index, container) in pod.ephemeralContainers.enumerated() {
      let own = fields.filter { $0.hasPrefix("spec.ephemeralContainers[\(index)].") }
      guard !own.isEmpty else { continue }
      names.insert(container.containerName)
      observation.waiting[container.containerName] = (
        "UnsupportedField", "this node's agent does not implement \(own.joined(separator: ", "))"
      )
    }
    return names
  }

  private func advance(without refused: Set<String>) async throws {
    var wakes: [Timestamp] = []
    for _ in 0..<(pod.initContainers.count + pod.containers.count + 4) {
      try Task.checkCancellation()
      let plan = PodPlan.make(
        pod: pod, runtime: observation.runtime, backoff: backoff, now: context.now(), replaced: observation.superseded,
        hasStarted: { observation.started.contains($0) })
      if plan.outcome == .finished {
        for name in plan.stops { await stop(name, reason: nil, grace: pod.gracePeriodSeconds) }
        try await refresh()
        await readTerminationMessages()
        stopAllProbes()
        try await stopSandboxes()
        publish()
        return
      }
      if plan.outcome == .restartsEverything {
        try await restartEverything()
        continue
      }
      for name in plan.replacements { replace(name) }
      if let attempt = plan.newSandbox {
        guard try await prepareSandbox(attempt, stopsOld: plan.stopsOldSandbox) else { return }
        continue
      }
      for wait in plan.waits {
        noteCrashLoop(wait)
        wakes.append(wait.until)
      }
      var progressed = false
      for start in plan.starts where !refused.contains(start.name) {
        switch await self.start(start) {
        case .started: progressed = true
        case .retry(let time): wakes.append(time)
        }
      }
      publish()
      if !progressed { break }
      await collectDeadContainers()
      // A container of init may be followed by the next at once; one that runs calls when it ends.
      guard plan.starts.contains(where: \.isInit) else { break }
      try await refresh()
    }
    startMissingProbes()
    publish()
    if hasContentVolumes {
      if isRefreshDue { await refreshVolumes() }
      wakes.append(nextRefresh)
    }
    if let resizeRetry { wakes.append(resizeRetry) }
    if let next = wakes.min() { wake(at: next) }
  }

  private func noteCrashLoop(_ wait: PodPlan.Wait) {
    let text =
      "back-off \(Self.text(wait.delay)) restarting failed container=\(wait.name) pod=\(pod.podText)"
    if observation.waiting[wait.name]?.message != text {
      observation.waiting[wait.name] = ("CrashLoopBackOff", text)
      context.events.container(
        pod, wait.name, .warning, "BackOff", "Back-off restarting failed container \(wait.name) in pod \(pod.podText)")
    }
  }

  /// `1m20s`, as Go prints durations.
  static func text(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    return seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
  }

  /// `812ms` or `1m2.345s`, as Go prints durations rounded to milliseconds.
  static func exactText(_ duration: Duration) -> String {
    let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    if milliseconds < 1000 { return "\(milliseconds)ms" }
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000)
    var fraction = "\(1000 + rest % 1000)".dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return (minutes > 0 ? "\(minutes)m" : "") + "\(rest / 1000)" + (fraction.isEmpty ? "s" : ".\(fraction)s")
  }

  /// Pods with content from API objects look for changes once a minute; others need no clock.
  private var hasContentVolumes: Bool {
    (pod.spec["volumes"]?.items ?? []).contains {
      $0["configMap"] != nil || $0["secret"] != nil || $0["projected"] != nil || $0["downwardAPI"] != nil
    }
  }

  private var nextRefresh: Timestamp { volumesRefreshed + .seconds(60) }
  var isRefreshDue: Bool { nextRefresh <= context.now() }

  /// Brings what a running pod's volumes show up to date. What cannot be fetched now stays as it is until the next
  /// time.
  func refreshVolumes() async {
    do {
      try await mountVolumes()
    } catch {
      volumesRefreshed = context.now()
      guard !Task.isCancelled else { return }
      context.events.pod(pod, .warning, "FailedMount", Self.mountMessage(error))
    }
  }

  // MARK: Sandbox

  /// Volumes first, then the sandbox, as a container may need what is in them. Returns whether it is there.
  private func prepareSandbox(_ attempt: UInt32, stopsOld: Bool) async throws -> Bool {
    publish()
    if stopsOld {
      context.events.pod(pod, .normal, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")
      stopAllProbes()
      // One that is not ready any more still has its network, and may have containers.
      for sandbox in observation.runtime.sandboxes { try await context.runtime.stopSandbox(sandbox.id) }
      try await refresh()
    }
    do {
      try await mountVolumes()
    } catch {
      try Task.checkCancellation()
      context.events.pod(pod, .warning, "FailedMount", Self.mountMessage(error))
      publish()
      wake(at: context.now() + mountDelay.take())
      return false
    }
    mountDelay.reset()
    do {
      for text in context.sandboxes.resolver(of: pod).warnings {
        context.events.pod(pod, .warning, "DNSConfigForming", text)
      }
      let config = try context.sandboxes.config(for: pod, attempt: attempt)
      try KernelFile.makeFolder(config.logDirectory)
      let handler = try await context.objects.runtimeHandler(of: pod)
      let id = try await context.runtime.runSandbox(config, handler: handler)
      await note(id)
      setControlGroup()
      try await refresh()
      try writeHostsFile()
      publish()
      sandboxDelay.reset()
      return true
    } catch {
      try Task.checkCancellation()
      context.events.pod(
        pod, .warning, "FailedCreatePodSandBox", "Failed to create pod sandbox: \(Self.callMessage(error))")
      publish()
      try await refresh()
      wake(at: context.now() + sandboxDelay.take())
      return false
    }
  }

  func mountVolumes() async throws {
    sources = try await context.objects.fetch(for: pod)
    let field = context.downward(pod, addresses: observation.runtime.currentSandbox?.addresses ?? [])
    volumePaths = try await context.volumes.mount(pod, field: field, sources: sources)
    volumesRefreshed = context.now()
  }

  func writeHostsFile() throws {
    let node = (try? KernelFile.text(context.configuration.hostsPath)) ?? "127.0.0.1\tlocalhost\n"
    let text = HostsFile.text(
      pod: pod, addresses: observation.runtime.currentSandbox?.addresses ?? [],
      clusterDomain: context.configuration.clusterDomain, nodeFile: node)
    let directory = context.configuration.directory(of: uid)
    try KernelFile.makeFolder(directory)
    try KernelFile.replace(directory + "/etc-hosts", with: Array(text.utf8))
  }

  func stopSandboxes() async throws {
    for sandbox in observation.runtime.sandboxes where sandbox.isReady {
      try await context.runtime.stopSandbox(sandbox.id)
    }
    if observation.runtime.sandboxes.contains(where: \.isReady) { try await refresh() }
  }

  private static func mountMessage(_ error: any Error) -> String {
    (error as? NodeAgentError)?.message ?? "MountVolume.SetUp failed: \(message(error))"
  }

  /// What a failed call of the runtime says where upstream shows gRPC's own text.
  static func callMessage(_ error: any Error) -> String {
    (error as? ContainerRuntimeError)?.callDescription ?? message(error)
  }

  /// What an error says to the pod's owner.
  static func message(_ error: any Error) -> String {
    switch error {
    case let error as NodeAgentError: error.description
    case let error as ContainerRuntimeError: error.description
    case let error as KernelError: error.message
    default: "\(error)"
    }
  }
}
