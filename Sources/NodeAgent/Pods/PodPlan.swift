import JSONTree
import KubernetesAPI

/// What to do next for a pod, from what it asks for and what runs. Pure: the worker carries it out and plans again.
struct PodPlan: Sendable, Hashable {
  struct Start: Sendable, Hashable {
    var name: String
    var attempt: UInt32
    var isInit: Bool
  }

  struct Wait: Sendable, Hashable {
    var name: String
    var until: Timestamp
    var delay: Duration
  }

  enum Outcome: Sendable, Hashable {
    case running
    /// Every container has ended and none will start again.
    case finished
  }

  /// Ends what the old sandbox holds before a new one is made.
  var stopsOldSandbox = false
  /// The attempt number of a sandbox to make.
  var newSandbox: UInt32?
  var starts: [Start] = []
  var waits: [Wait] = []
  /// Sidecars and ephemeral containers to end because everything else has ended.
  var stops: [String] = []
  var outcome = Outcome.running

  /// Containers that were ended to get other resources: they start again at once, however they ended.
  private var restarting: Set<String> = []

  /// - Parameters:
  ///   - hasStarted: whether a running container passed its startup probe, or has none.
  ///   - restarting: containers that were ended to start again with other resources.
  static func make(
    pod: JSON, runtime: PodRuntime, backoff: CrashBackoff, now: Timestamp, hasStarted: (String) -> Bool,
    restarting: Set<String> = []
  ) -> PodPlan {
    var plan = PodPlan()
    plan.restarting = restarting
    if restarting.isEmpty, isFinished(pod, runtime) {
      plan.outcome = .finished
      plan.stops = (pod.initContainers.filter(\.isSidecar) + pod.ephemeralContainers).map(\.containerName)
        .filter(runtime.isRunning)
      return plan
    }
    guard runtime.readySandbox != nil else {
      plan.stopsOldSandbox = runtime.currentSandbox != nil
      plan.newSandbox = runtime.currentSandbox.map { $0.attempt + 1 } ?? 0
      return plan
    }
    // Started once, whatever the others do, and never again.
    for container in pod.ephemeralContainers where runtime.newest(container.containerName) == nil {
      plan.start(container.containerName, isInit: false, runtime)
    }
    if plan.planInitContainers(pod, runtime, backoff, now, hasStarted) {
      for container in pod.containers {
        plan.consider(container.containerName, isInit: false, policy: pod.restartPolicy, runtime, backoff, now)
      }
    }
    return plan
  }

  /// Returns whether the pod's containers may start.
  private mutating func planInitContainers(
    _ pod: JSON, _ runtime: PodRuntime, _ backoff: CrashBackoff, _ now: Timestamp, _ hasStarted: (String) -> Bool
  ) -> Bool {
    // Once a container of the pod ran in this sandbox, the init containers have done their work; sidecars are kept up.
    let begun = pod.containers.contains { runtime.current($0.containerName) != nil }
    for container in pod.initContainers {
      let name = container.containerName
      if container.isSidecar {
        let isUp = runtime.current(name)?.state == .running
        if !isUp { consider(name, isInit: true, policy: "Always", runtime, backoff, now) }
        if !begun, !isUp || !hasStarted(name) { return false }
        continue
      }
      if begun { continue }
      guard let current = runtime.current(name) else {
        start(name, isInit: true, runtime)
        return false
      }
      if current.state == .exited, current.exitCode == 0 { continue }
      consider(
        name, isInit: true, policy: pod.restartPolicy == "Never" ? "Never" : "OnFailure", runtime, backoff, now)
      return false
    }
    return true
  }

  /// Starts a container that is not there, or that ended and is to run again once its backoff is over.
  private mutating func consider(
    _ name: String, isInit: Bool, policy: String, _ runtime: PodRuntime, _ backoff: CrashBackoff, _ now: Timestamp
  ) {
    guard let current = runtime.current(name) else {
      // In a new sandbox, what had ended for good stays ended.
      if let old = runtime.newest(name), old.state == .exited, !PodPlan.runsAgain(old, policy: policy) { return }
      start(name, isInit: isInit, runtime)
      return
    }
    switch current.state {
    case .running: return
    case .created, .unknown: start(name, isInit: isInit, runtime)
    case .exited where restarting.contains(name): start(name, isInit: isInit, runtime)
    case .exited:
      guard PodPlan.runsAgain(current, policy: policy) else { return }
      let ended = PodRuntime.timestamp(current.finishedAt)
      if let wait = backoff.wait(name, failedAt: ended, now: now) {
        waits.append(Wait(name: name, until: wait.until, delay: wait.delay))
      } else {
        start(name, isInit: isInit, runtime)
      }
    }
  }

  private mutating func start(_ name: String, isInit: Bool, _ runtime: PodRuntime) {
    starts.append(Start(name: name, attempt: runtime.newest(name).map { $0.attempt + 1 } ?? 0, isInit: isInit))
  }

  /// Whether a container that ended as `run` did is to be started again.
  static func runsAgain(_ container: JSON, after run: PodRuntime.Container, in pod: JSON) -> Bool {
    if container.isSidecar { return true }
    if pod.isEphemeral(container.containerName) { return false }
    let isInit = pod.initContainers.contains { $0.containerName == container.containerName }
    return runsAgain(run, policy: isInit && pod.restartPolicy == "Always" ? "OnFailure" : pod.restartPolicy)
  }

  private static func runsAgain(_ container: PodRuntime.Container, policy: String) -> Bool {
    policy == "Always" || (policy == "OnFailure" && container.exitCode != 0)
  }

  /// Whether the pod has come to its end: an init container failed for good, or all containers ended for good.
  static func isFinished(_ pod: JSON, _ runtime: PodRuntime) -> Bool {
    guard pod.restartPolicy != "Always" else { return false }
    if pod.restartPolicy == "Never" {
      let failed = pod.initContainers.contains { container in
        guard !container.isSidecar, let newest = runtime.newest(container.containerName) else { return false }
        return newest.state == .exited && newest.exitCode != 0
      }
      if failed { return true }
    }
    return !pod.containers.isEmpty
      && pod.containers.allSatisfy { container in
        guard let newest = runtime.newest(container.containerName), newest.state == .exited else { return false }
        return !runsAgain(newest, policy: pod.restartPolicy)
      }
  }
}
