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
    /// A container ended in a way by which all of them begin anew.
    case restartsEverything
  }

  /// Ends what the old sandbox holds before a new one is made.
  var stopsOldSandbox = false
  /// The attempt number of a sandbox to make.
  var newSandbox: UInt32?
  var starts: [Start] = []
  var waits: [Wait] = []
  /// Running containers that are of another definition than the pod's now.
  var replacements: [String] = []
  /// Sidecars and ephemeral containers to end because everything else has ended.
  var stops: [String] = []
  var outcome = Outcome.running

  /// - Parameters:
  ///   - replaced: ids of containers that were ended to make room for their successors.
  ///   - hasStarted: whether a running container passed its startup probe, or has none.
  static func make(
    pod: JSON, runtime: PodRuntime, backoff: CrashBackoff, now: Timestamp, replaced: Set<String> = [],
    hasStarted: (String) -> Bool
  ) -> PodPlan {
    var plan = PodPlan()
    if runtime.readySandbox != nil, asksForEverything(pod, runtime) {
      plan.outcome = .restartsEverything
      return plan
    }
    if isFinished(pod, runtime, replaced: replaced) {
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
    let round = Round(pod: pod, runtime: runtime, backoff: backoff, now: now, replaced: replaced)
    if plan.planInitContainers(round, hasStarted) {
      for container in pod.containers { plan.consider(container, isInit: false, round) }
    }
    return plan
  }

  /// What a plan is made from.
  private struct Round {
    let pod: JSON
    let runtime: PodRuntime
    let backoff: CrashBackoff
    let now: Timestamp
    let replaced: Set<String>
  }

  /// Returns whether the pod's containers may start.
  private mutating func planInitContainers(_ round: Round, _ hasStarted: (String) -> Bool) -> Bool {
    let (pod, runtime) = (round.pod, round.runtime)
    // Once a container of the pod ran in this sandbox, the init containers have done their work; sidecars are kept up.
    let begun = pod.containers.contains { runtime.current($0.containerName) != nil }
    for container in pod.initContainers {
      let name = container.containerName
      if container.isSidecar {
        let isUp = runtime.current(name)?.state == .running
        consider(container, isInit: true, round)
        if !begun, !isUp || !hasStarted(name) { return false }
        continue
      }
      if begun { continue }
      guard let current = runtime.current(name) else {
        start(name, isInit: true, runtime)
        return false
      }
      if current.state == .exited, current.exitCode == 0 { continue }
      consider(container, isInit: true, round)
      return false
    }
    return true
  }

  /// Starts a container that is not there, or that ended and is to run again once its backoff is over.
  private mutating func consider(_ container: JSON, isInit: Bool, _ round: Round) {
    let name = container.containerName
    let runtime = round.runtime
    guard let current = runtime.current(name) else {
      // In a new sandbox, what had ended for good stays ended.
      if let old = runtime.newest(name), old.state == .exited,
        !PodPlan.runsAgain(container, after: old, in: round.pod)
      {
        return
      }
      start(name, isInit: isInit, runtime)
      return
    }
    switch current.state {
    case .running:
      // An init container is not there for long; one that was made without a mark is left alone.
      let isKept = !isInit || container.isSidecar
      if isKept, !current.definition.isEmpty, current.definition != ContainerDefinition.hash(of: container) {
        replacements.append(name)
      }
    case .created, .unknown: start(name, isInit: isInit, runtime)
    case .exited:
      if round.replaced.contains(current.id) { return start(name, isInit: isInit, runtime) }
      guard PodPlan.runsAgain(container, after: current, in: round.pod) else { return }
      let ended = PodRuntime.timestamp(current.finishedAt)
      if let wait = round.backoff.wait(name, failedAt: ended, now: round.now) {
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
    ContainerRestart.after(run.exitCode, of: container, in: pod) != .none
  }

  private static func asksForEverything(_ pod: JSON, _ runtime: PodRuntime) -> Bool {
    (pod.initContainers + pod.containers).contains { container in
      guard let run = runtime.current(container.containerName), run.state == .exited else { return false }
      return ContainerRestart.after(run.exitCode, of: container, in: pod) == .everything
    }
  }

  /// Whether the pod has come to its end: an init container failed for good, or all containers ended for good.
  static func isFinished(_ pod: JSON, _ runtime: PodRuntime, replaced: Set<String> = []) -> Bool {
    func hasEnded(_ container: JSON) -> Bool {
      guard let newest = runtime.newest(container.containerName), newest.state == .exited else { return false }
      return !replaced.contains(newest.id) && !runsAgain(container, after: newest, in: pod)
    }
    let failed = pod.initContainers.contains { container in
      hasEnded(container) && runtime.newest(container.containerName)?.exitCode != 0
    }
    return failed || (!pod.containers.isEmpty && pod.containers.allSatisfy(hasEnded))
  }
}
