import APIClient
import JSONTree
import KubernetesAPI

extension PodWorker {
  /// Starts the probes that a running container should have and has not.
  func startMissingProbes() {
    for container in pod.initContainers.filter(\.isSidecar) + pod.containers {
      let name = container.containerName
      guard let running = observation.runtime.newest(name), running.state == .running, kills[running.id] == nil else {
        continue
      }
      let isStarted = observation.started.contains(name)
      for kind in ProbeKind.allCases {
        guard let probe = container[kind.rawValue], probes[running.id]?[kind] == nil else { continue }
        // Until the startup probe has passed, it runs alone.
        guard (kind == .startup) != isStarted else { continue }
        let wasReady = kind == .readiness && observation.ready.contains(name)
        let runner = ProbeRunner(
          kind: kind, timing: ProbeTiming(probe), initial: wasReady ? .success : .unknown,
          startedAt: PodRuntime.timestamp(running.startedAt), clock: context.clock, now: context.now)
        let host = observation.runtime.currentSandbox?.addresses.first ?? context.hostAddresses.first ?? ""
        let executor = context.executor
        // Cancelled by stopProbes(of:), which the container's end and the worker's end call.
        probes[running.id, default: [:]][kind] = Task {
          await runner.run {
            do {
              let action = try ProbeAction(probe, container: container, address: host)
              return await executor.run(action, containerID: running.id, timeout: runner.timing.timeout)
            } catch {
              return ProbeResult(isSuccess: false, message: Self.message(error))
            }
          } report: { report in
            await self.take(report, kind: kind, name: name, id: running.id)
          }
        }
      }
    }
  }

  private func take(_ report: ProbeRunner.Report, kind: ProbeKind, name: String, id: String) {
    guard !Task.isCancelled, observation.runtime.newest(name)?.id == id, observation.runtime.isRunning(name) else {
      return
    }
    if !report.result.isSuccess, !report.isEarly {
      context.events.container(
        pod, name, .warning, "Unhealthy", "\(kind.title) probe failed: \(report.result.message)")
    }
    if let warning = report.result.warning {
      context.events.container(pod, name, .warning, "ProbeWarning", "\(kind.title) probe warning: \(warning)")
    }
    guard let verdict = report.changedTo else { return }
    switch (kind, verdict) {
    case (.startup, .success):
      observation.started.insert(name)
      probes[id]?[.startup]?.cancel()
      if pod.podContainer(named: name)?["readinessProbe"] == nil { observation.ready.insert(name) }
      startMissingProbes()
      publish()
      // A sidecar that started may let the next container start.
      kick()
    case (.readiness, .success):
      observation.ready.insert(name)
      publish()
    case (.readiness, .failure):
      observation.ready.remove(name)
      publish()
    case (.startup, .failure), (.liveness, .failure):
      restart(name, id: id, failed: kind)
    default: break
    }
  }

  /// Ends a container so that its restart policy brings it up anew.
  private func restart(_ name: String, id: String, failed kind: ProbeKind) {
    guard kills[id] == nil, !observation.isTerminating, let container = pod.podContainer(named: name) else { return }
    let reason = "failed \(kind.title.lowercased()) probe"
    let isFinal = ContainerRestart.after(137, of: container, in: pod) == .none
    context.events.container(
      pod, name, .normal, "Killing", "Container \(name) \(reason)\(isFinal ? "" : ", will be restarted")")
    let seconds = container[kind.rawValue]?["terminationGracePeriodSeconds"]?.int ?? pod.gracePeriodSeconds
    kill(name, id: id, reason: reason, grace: seconds)
  }

  /// Ends one container while the pod's rounds go on.
  func kill(_ name: String, id: String, reason: String, grace: Int64) {
    // Joined by nobody: it ends with the container, and a deletion of the pod cancels it.
    kills[id] = Task {
      if await !self.stop(name, reason: reason, grace: grace) {
        // A runtime that refuses is not asked again at once. Cancelled where the pod is ended in another way.
        try? await self.context.clock.sleep(for: .seconds(10))
      }
      self.forgetKill(id)
      self.kick()
    }
  }

  private func forgetKill(_ id: String) { kills[id] = nil }

  func stopProbes(of id: String, except kept: ProbeKind? = nil) {
    for (kind, task) in probes[id] ?? [:] where kind != kept { task.cancel() }
    probes[id] = probes[id]?.filter { $0.key == kept }
    if probes[id]?.isEmpty == true { probes[id] = nil }
  }

  func stopAllProbes() {
    for id in Array(probes.keys) { stopProbes(of: id) }
  }
}
