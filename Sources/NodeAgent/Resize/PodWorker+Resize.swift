import APIClient
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Logging

/// Containers that get other resources while their pod runs.
extension PodWorker {
  /// Asks for what the pod wants and does not have, and gives its containers what has been set aside for them.
  func resize() async throws {
    resizeRetry = nil
    try await decideResize()
    try await actuateResize()
  }

  /// Looks again whether there is room for what the pod wants. To be called when other pods have given something up.
  func retryResize() async {
    guard isResizeDeferred, !observation.isTerminating else { return }
    do {
      try await decideResize()
    } catch {
      logger.warning("A resize could not be decided on.", metadata: ["error": "\(error)"])
    }
    if !isResizeDeferred { kick() }
  }

  var isResizeDeferred: Bool { observation.pendingResize?.reason == "Deferred" }

  private func decideResize() async throws {
    guard let allocation else { return }
    let wanted = desired
    guard !allocation.covers(wanted) else {
      observation.pendingResize = nil
      return
    }
    switch try await context.admitter.resize(wanted) {
    case .allocated(let next):
      take(next)
      observation.pendingResize = nil
      observation.resize = (wanted.generation, nil)
      context.events.pod(wanted, .normal, "ResizeStarted", resizeText("Pod resize started", wanted))
      publish()
    case .pending(let reason, let message):
      if let known = observation.pendingResize, known == (reason, message, wanted.generation) { return }
      observation.pendingResize = (reason, message, wanted.generation)
      context.events.pod(
        wanted, .warning, "Resize\(reason)", resizeText("Pod resize \(reason)", wanted, error: message))
      publish()
    }
  }

  private func actuateResize() async throws {
    guard let allocation else { return }
    let plan = ResizePlan(pod: pod, allocation: allocation, isRunning: observation.runtime.isRunning)
    guard !plan.isEmpty else {
      if isControlGroupDue, !setControlGroup() { return }
      if allocation.restarting.isEmpty, observation.resize != nil {
        observation.resize = nil
        context.events.pod(pod, .normal, "ResizeCompleted", resizeText("Pod resize completed", pod))
        publish()
        // Somebody may have waited for what this pod had.
        context.roomChanged()
      }
      return
    }
    let generation = observation.resize?.generation ?? pod.generation
    do {
      try await update(plan, allocation)
      observation.resize = (generation, nil)
    } catch {
      try Task.checkCancellation()
      noteResizeError(error, generation)
      return
    }
    let areEnded = try await restart(plan.restarts)
    publish()
    // What is complete is told in the next round; a runtime that refuses is not asked again at once.
    if areEnded { kick() } else { resizeRetry = context.now() + .seconds(10) }
  }

  /// Changes containers while they run. The pod's control group is wide enough for both sides meanwhile.
  private func update(_ plan: ResizePlan, _ before: PodAllocation) async throws {
    let path = context.configuration.cgroupParent(of: pod)
    var old = before
    old.allocated = before.actuated
    let (from, to) = (PodControlGroup(old.applied(to: pod)), PodControlGroup(pod))
    try checkUsage(plan, from, to, path)
    try from.union(to).apply(to: path, in: context.controlGroups)
    for change in plan.updates {
      guard let running = observation.runtime.newest(change.name), let container = pod.podContainer(named: change.name)
      else { continue }
      try await context.runtime.updateContainer(running.id, ContainerResources(container: container).linux)
      try await keep { $0.actuated[change.name] = change.to }
    }
    if plan.restarts.isEmpty { try to.apply(to: path, in: context.controlGroups) }
  }

  /// A limit below what is in use would end the container, or be refused by the kernel after others have been set.
  private func checkUsage(
    _ plan: ResizePlan, _ from: PodControlGroup, _ to: PodControlGroup, _ path: String
  ) throws(NodeAgentError) {
    if let limit = to.memoryLimit, from.memoryLimit.map({ limit < $0 }) ?? true,
      let usage = context.controlGroups.memoryUsage(of: path), limit < usage
    {
      throw NodeAgentError(
        .resizeError, "attempting to set pod memory limit (\(limit)) below current usage (\(usage))")
    }
    for change in plan.updates {
      guard let limit = change.loweredMemoryLimit, let running = observation.runtime.newest(change.name),
        let usage = context.controlGroups.memoryUsage(of: "\(path)/\(running.id)"), limit < usage
      else { continue }
      throw NodeAgentError(
        .resizeError,
        "attempting to set container \"\(change.name)\" memory limit (\(limit)) below current usage (\(usage))")
    }
  }

  /// Ends the containers whose policy asks for it; the round goes on to start them.
  private func restart(_ names: [String]) async throws -> Bool {
    guard !names.isEmpty else { return true }
    try await keep { $0.restarting.formUnion(names) }
    var areEnded = true
    for name in names {
      context.events.container(pod, name, .normal, "Killing", "Container \(name) resize requires restart")
      areEnded = await stop(name, reason: "Resize", grace: pod.gracePeriodSeconds) && areEnded
    }
    try await refresh()
    return areEnded
  }

  private func noteResizeError(_ error: any Error, _ generation: Int64) {
    let message = Self.message(error)
    if observation.resize?.error != message {
      context.events.pod(pod, .warning, "ResizeError", resizeText("Pod resize error", pod, error: message))
    }
    observation.resize = (generation, message)
    resizeRetry = context.now() + .seconds(10)
    publish()
  }

  /// Gives the pod's control group what its containers have in all. What fails is tried again in a later round: the
  /// containers are there, and would be made again and again if that counted as their failure.
  @discardableResult
  func setControlGroup() -> Bool {
    do {
      try PodControlGroup(pod).apply(
        to: context.configuration.cgroupParent(of: pod), in: context.controlGroups)
      isControlGroupDue = false
      return true
    } catch {
      isControlGroupDue = true
      logger.warning("A pod's control group could not be set.", metadata: ["error": "\(Self.message(error))"])
      if let resize = observation.resize { noteResizeError(error, resize.generation) }
      resizeRetry = context.now() + .seconds(10)
      return false
    }
  }

  /// A container that was made has what is allocated to it.
  func noteMade(_ name: String) async {
    guard let allocation, let own = allocation.allocated[name] else { return }
    guard allocation.actuated[name] != own || allocation.restarting.contains(name) else { return }
    do {
      try await keep {
        $0.actuated[name] = own
        $0.restarting.remove(name)
      }
    } catch {
      noteResizeError(error, observation.resize?.generation ?? pod.generation)
    }
    setControlGroup()
    kick()
  }

  private func keep(_ change: (inout PodAllocation) -> Void) async throws {
    guard var next = allocation else { return }
    change(&next)
    try await context.admitter.keep(next, of: uid)
    take(next)
  }

  private func take(_ next: PodAllocation) {
    allocation = next
    observation.actuated = next.actuated
    observation.restarting = next.restarting
    pod = next.applied(to: desired)
  }

  /// Reads what the node has set aside for the pod, which an earlier agent may have done.
  func adoptAllocation() async throws {
    let isOver = observation.failure != nil || observation.isTerminating || pod.status.isTerminal
    guard allocation == nil, !isOver else { return }
    take(try await context.admitter.allocation(of: desired))
  }

  /// The text of an event, as upstream writes it: the resources as JSON behind a few words.
  private func resizeText(_ words: String, _ pod: JSON, error: String? = nil) -> String {
    var summary: JSON = [:]
    for (list, containers) in [("initContainers", pod.initContainers), ("containers", pod.containers)]
    where !containers.isEmpty {
      summary[list] = .array(
        containers.map { ["name": .string($0.containerName), "resources": PodAllocation.resources(of: $0)] })
    }
    summary["generation"] = .int(pod.generation)
    if let error { summary["error"] = .string(error) }
    return "\(words): \(summary)"
  }
}
