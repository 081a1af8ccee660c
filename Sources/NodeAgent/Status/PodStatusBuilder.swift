import JSONTree
import KubernetesAPI

/// What the worker knows beyond the runtime's list.
struct PodObservation: Sendable {
  var runtime = PodRuntime()
  /// Why a container that does not run waits: reason and message.
  var waiting: [String: (reason: String, message: String)] = [:]
  var ready: Set<String> = []
  /// Containers whose startup probe passed, or that have none.
  var started: Set<String> = []
  /// Termination messages by container id.
  var terminationMessages: [String: String] = [:]
  var hostAddresses: [String] = []
  /// Set where the node itself ended the pod: phase Failed with this reason and message.
  var failure: (reason: String, message: String)?
  var isTerminating = false
  /// Containers that were ended to start again with other resources.
  var restarting: Set<String> = []
  /// What containers have got, by name.
  var actuated: [String: JSON] = [:]
  /// Resources that are asked for and not set aside: why, and by which generation of the pod.
  var pendingResize: (reason: String, message: String, generation: Int64)?
  /// A resize that is being carried out: of which generation, and what last went wrong.
  var resize: (generation: Int64, error: String?)?
  /// Containers that were ended to make room for one of another image, by id.
  var replaced: Set<String> = []
  /// All containers are being ended to begin anew.
  var isRestartingAll = false

  /// Containers whose end is not the pod's, nor a crash: successors take their place. By id.
  var superseded: Set<String> { replaced.union(restarting.compactMap { runtime.newest($0)?.id }) }
}

/// A pod's status from what is observed. Pure; keeps transition times where nothing changed.
struct PodStatusBuilder: Sendable {
  let pod: JSON
  /// The status written before, or the object's own.
  let previous: JSON
  let observation: PodObservation
  let now: Timestamp

  func build() -> JSON {
    let runtime = observation.runtime
    var status: JSON = [:]
    let phase = self.phase()
    status["phase"] = .string(phase)
    if pod.generation > 0 { status["observedGeneration"] = .int(pod.generation) }
    status["qosClass"] = .string(QualityOfService(pod: pod).rawValue)
    status["startTime"] = previous["startTime"] ?? .string(now.description)
    if let failure = observation.failure {
      status["reason"] = .string(failure.reason)
      status["message"] = .string(failure.message)
    } else if previous.isTerminal {
      status["reason"] = previous["reason"]
      status["message"] = previous["message"]
    }
    if isRejected(status) {
      status["conditions"] = []
      return status
    }
    if let host = observation.hostAddresses.first {
      status["hostIP"] = .string(host)
      status["hostIPs"] = .array(observation.hostAddresses.map { ["ip": .string($0)] })
    }
    let addresses =
      pod.usesHostNetwork ? observation.hostAddresses : runtime.currentSandbox?.addresses ?? []
    if !addresses.isEmpty, runtime.currentSandbox != nil || pod.usesHostNetwork {
      status["podIP"] = .string(addresses[0])
      status["podIPs"] = .array(addresses.map { ["ip": .string($0)] })
    } else if let old = previous["podIP"] {
      status["podIP"] = old
      status["podIPs"] = previous["podIPs"]
    }
    let containers = ContainerStatusBuilder(pod: pod, previous: previous, observation: observation)
    if !pod.initContainers.isEmpty {
      status["initContainerStatuses"] = .array(pod.initContainers.map { containers.status(of: $0, .initial) })
    }
    status["containerStatuses"] = .array(pod.containers.map { containers.status(of: $0, .regular) })
    if !pod.ephemeralContainers.isEmpty {
      status["ephemeralContainerStatuses"] = .array(
        pod.ephemeralContainers.map { containers.status(of: $0, .ephemeral) })
    }
    status["conditions"] = .array(conditions(phase: phase))
    return status
  }

  /// A pod that the node did not take has no containers to tell of.
  private func isRejected(_ status: JSON) -> Bool {
    status["phase"] == "Failed" && status["reason"] != nil && previous["containerStatuses"] == nil
      && observation.runtime.sandboxes.isEmpty && observation.runtime.containers.isEmpty
  }

  /// What of a status this builder makes, to compare with what it makes next.
  static func own(of status: JSON) -> JSON {
    guard let conditions = status["conditions"]?.array else { return status }
    var status = status
    status["conditions"] = .array(conditions.filter { ownConditions.contains($0["type"]?.string ?? "") })
    return status
  }

  private static let ownConditions: Set<String> = [
    "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready", "PodScheduled",
    "AllContainersRestarting", "PodResizePending", "PodResizeInProgress",
  ]

  /// Conditions that are there while something is under way.
  static let passingConditions = ["PodResizePending", "PodResizeInProgress"]

  // MARK: Phase

  private func phase() -> String {
    let old = previous["phase"]?.string
    if observation.failure != nil { return "Failed" }
    // An end is final, whatever is listed afterwards.
    if old == "Succeeded" || old == "Failed" { return old! }
    let runtime = observation.runtime
    if PodPlan.isFinished(pod, runtime, replaced: observation.superseded) {
      let names = pod.containers.map(\.containerName)
      let good = names.allSatisfy { runtime.newest($0).map { $0.state == .exited && $0.exitCode == 0 } ?? false }
      return good ? "Succeeded" : "Failed"
    }
    // Nothing of a pod that ends will start again; one that never ran has failed.
    if observation.isTerminating, !runtime.hasRunningContainers {
      let good = pod.containers.allSatisfy {
        runtime.newest($0.containerName).map { $0.state == .exited && $0.exitCode == 0 } ?? false
      }
      return good ? "Succeeded" : "Failed"
    }
    guard isInitialized else { return "Pending" }
    // A container that never began keeps the pod Pending, whatever the others do.
    let allBegun = pod.containers.allSatisfy { container in
      (runtime.containers[container.containerName] ?? []).contains { $0.state == .running || $0.state == .exited }
    }
    return allBegun ? "Running" : "Pending"
  }

  private var isInitialized: Bool {
    let runtime = observation.runtime
    if pod.containers.contains(where: { runtime.newest($0.containerName)?.startedAt ?? 0 > 0 }) { return true }
    return pod.initContainers.allSatisfy(isComplete)
  }

  private func isComplete(_ container: JSON) -> Bool {
    guard let newest = observation.runtime.current(container.containerName) else { return false }
    return container.isSidecar
      ? newest.state == .running && observation.started.contains(container.containerName)
      : newest.state == .exited && newest.exitCode == 0
  }

  // MARK: Conditions

  private func conditions(phase: String) -> [JSON] {
    let ended = phase == "Succeeded" || phase == "Failed"
    let sandboxReady = observation.runtime.readySandbox.map { pod.usesHostNetwork || !$0.addresses.isEmpty } ?? false
    var result: [JSON] = [
      condition("PodReadyToStartContainers", sandboxReady && !ended, nil, nil)
    ]
    if isInitialized {
      result.append(condition("Initialized", true, phase == "Succeeded" ? "PodCompleted" : nil, nil))
    } else {
      let names = pod.initContainers.filter { !isComplete($0) }.map(\.containerName)
      result.append(
        condition(
          "Initialized", false, "ContainersNotInitialized",
          "containers with incomplete status: [\(names.joined(separator: " "))]"))
    }
    let unready = relevantNames.filter { !observation.ready.contains($0) }
    let reason: String?
    let message: String?
    if phase == "Succeeded" {
      (reason, message) = ("PodCompleted", nil)
    } else if phase == "Failed" {
      (reason, message) = ("PodFailed", nil)
    } else {
      reason = unready.isEmpty ? nil : "ContainersNotReady"
      message = unready.isEmpty ? nil : "containers with unready status: [\(unready.joined(separator: " "))]"
    }
    let containersReady = !ended && unready.isEmpty
    result.append(condition("ContainersReady", containersReady, reason, message))
    let gates = unmetGates()
    if containersReady, !gates.isEmpty {
      result.append(condition("Ready", false, "ReadinessGatesNotReady", gates.joined(separator: ", ")))
    } else {
      result.append(condition("Ready", containersReady, reason, message))
    }
    // The conditions of others stay as they are: sent along, they would take back what was changed meanwhile. The
    // scheduler's is the kubelet's once it has the pod: who else would say which generation was seen.
    result.append(condition("PodScheduled", true, nil, nil))
    if let failure = observation.failure, failure.reason == "Evicted" {
      result.append(condition("DisruptionTarget", true, "TerminationByKubelet", failure.message))
    }
    if ContainerRestart.mayRestartEverything(in: pod) { result.append(allRestarting(ended ? reason : nil)) }
    return result + resizeConditions(ended: ended)
  }

  private func resizeConditions(ended: Bool) -> [JSON] {
    if ended { return [] }
    var result: [JSON] = []
    if let pending = observation.pendingResize {
      result.append(
        condition("PodResizePending", true, pending.reason, pending.message, generation: pending.generation))
    }
    if let resize = observation.resize {
      result.append(
        condition(
          "PodResizeInProgress", true, resize.error.map { _ in "Error" }, resize.error, generation: resize.generation))
    }
    return result
  }

  private func allRestarting(_ end: String?) -> JSON {
    guard end == nil, observation.isRestartingAll else { return condition("AllContainersRestarting", false, end, nil) }
    return condition(
      "AllContainersRestarting", true, "RestartAllContainersStarted", "container exited with restart policy rule")
  }

  private var relevantNames: [String] {
    pod.initContainers.filter(\.isSidecar).map(\.containerName) + pod.containers.map(\.containerName)
  }

  private func unmetGates() -> [String] {
    (pod.spec["readinessGates"]?.items ?? []).compactMap { gate in
      let type = gate["conditionType"]?.string ?? ""
      let found = Self.condition(type, of: pod.status)
      guard let found else { return "corresponding condition of pod readiness gate \"\(type)\" does not exist." }
      return found["status"]?.string == "True"
        ? nil : "the status of pod readiness gate \"\(type)\" is not \"True\", but \(found["status"]?.string ?? "")"
    }
  }

  private static func condition(_ type: String, of status: JSON) -> JSON? {
    (status["conditions"]?.items ?? []).first { $0["type"]?.string == type }
  }

  private func condition(
    _ type: String, _ isTrue: Bool, _ reason: String?, _ message: String?, generation: Int64? = nil
  ) -> JSON {
    let old = Self.condition(type, of: previous)
    var result: JSON = ["type": .string(type), "status": isTrue ? "True" : "False"]
    let isSame = old?["status"]?.string == (isTrue ? "True" : "False")
    result["lastTransitionTime"] = (isSame ? old?["lastTransitionTime"] : nil) ?? .string(now.description)
    if let reason { result["reason"] = .string(reason) }
    if let message { result["message"] = .string(message) }
    let generation = generation ?? pod.generation
    if generation > 0 { result["observedGeneration"] = .int(generation) }
    return result
  }
}
