package import JSONTree

/// What `kubectl get pods` says of a pod: READY, STATUS and RESTARTS.
package struct PodSummary: Hashable, Sendable {
  package private(set) var readyContainers = 0
  package private(set) var containers = 0
  /// The phase, or why the pod is not what it should be: `CrashLoopBackOff`, `Init:0/1`, `Terminating`, …
  package private(set) var reason: String
  package private(set) var restarts = 0
  /// When a container last ended before it was restarted.
  package private(set) var lastRestart: Timestamp?

  package init(_ pod: JSON) {
    let status = pod.status
    let phase = status["phase"]?.string ?? ""
    reason = status["reason"]?.string ?? phase
    let conditions = status["conditions"]?.items ?? []
    if conditions.contains(where: { $0["type"] == "PodScheduled" && $0["reason"] == "SchedulingGated" }) {
      reason = "SchedulingGated"
    }
    let initContainers = pod.spec["initContainers"]?.items ?? []
    let sidecars = Set(initContainers.filter { $0["restartPolicy"] == "Always" }.compactMap { $0["name"]?.string })
    containers = (pod.spec["containers"]?.items.count ?? 0) + sidecars.count
    let sidecarRestarts = readInitContainers(status, count: initContainers.count, sidecars: sidecars)
    let isInitialized = conditions.contains { $0["type"] == "Initialized" && $0["status"] == "True" }
    if sidecarRestarts.isDone || isInitialized {
      restarts = sidecarRestarts.count
      lastRestart = sidecarRestarts.last
      readContainers(status, isReady: conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" })
    }
    guard pod.isTerminating else { return }
    if status["reason"] == "NodeLost" {
      reason = "Unknown"
    } else if phase != "Succeeded", phase != "Failed" {
      reason = "Terminating"
    }
  }

  private struct Restarts {
    var count = 0
    var last: Timestamp?
    /// No init container is still to run.
    var isDone = true

    mutating func add(_ container: JSON) {
      count += Int(container["restartCount"]?.int ?? 0)
      last = PodSummary.later(last, PodSummary.end(container))
    }
  }

  private mutating func readInitContainers(_ status: JSON, count: Int, sidecars: Set<String>) -> Restarts {
    var result = Restarts()
    for (index, container) in (status["initContainerStatuses"]?.items ?? []).enumerated() {
      restarts += Int(container["restartCount"]?.int ?? 0)
      lastRestart = Self.later(lastRestart, Self.end(container))
      let isSidecar = sidecars.contains(container["name"]?.string ?? "")
      if isSidecar { result.add(container) }
      let terminated = container["state"]?["terminated"]
      if let terminated, (terminated["exitCode"]?.int ?? 0) == 0 { continue }
      if isSidecar, container["started"] == true {
        if container["ready"] == true { readyContainers += 1 }
        continue
      }
      let waiting = container[path: "state", "waiting", "reason"]?.string ?? ""
      if let terminated {
        reason = "Init:\(Self.endReason(terminated))"
      } else if !waiting.isEmpty, waiting != "PodInitializing" {
        reason = "Init:\(waiting)"
      } else {
        reason = "Init:\(index)/\(count)"
      }
      result.isDone = false
      break
    }
    return result
  }

  private mutating func readContainers(_ status: JSON, isReady: Bool) {
    var hasRunning = false
    for container in (status["containerStatuses"]?.items ?? []).reversed() {
      restarts += Int(container["restartCount"]?.int ?? 0)
      lastRestart = Self.later(lastRestart, Self.end(container))
      let state = container["state"]
      if let waiting = state?["waiting"]?["reason"]?.string, !waiting.isEmpty {
        reason = waiting
      } else if let terminated = state?["terminated"] {
        reason = Self.endReason(terminated)
      } else if container["ready"] == true, state?["running"] != nil {
        hasRunning = true
        readyContainers += 1
      }
    }
    if reason == "Completed", hasRunning { reason = isReady ? "Running" : "NotReady" }
  }

  private static func end(_ container: JSON) -> Timestamp? {
    container[path: "lastState", "terminated", "finishedAt"]?.string.flatMap { Timestamp($0) }
  }

  private static func later(_ first: Timestamp?, _ second: Timestamp?) -> Timestamp? {
    guard let first, let second else { return first ?? second }
    return max(first, second)
  }

  private static func endReason(_ terminated: JSON) -> String {
    if let reason = terminated["reason"]?.string, !reason.isEmpty { return reason }
    let signal = terminated["signal"]?.int ?? 0
    return signal != 0 ? "Signal:\(signal)" : "ExitCode:\(terminated["exitCode"]?.int ?? 0)"
  }
}

extension TableLayout {
  static let pod = TableLayout(
    columns: [
      .name, TableColumn("Ready", "Ready containers of all."), TableColumn("Status", "The phase, or what is amiss."),
      TableColumn("Restarts", "How often containers were restarted, and when last."), .age,
      TableColumn("IP", wide: true, "The pod's address."), TableColumn("Node", wide: true, "Where it runs."),
      TableColumn("Nominated Node", wide: true, "Where it may run once others have gone."),
      TableColumn("Readiness Gates", wide: true, "Conditions that are true, of those it waits for."),
    ]
  ) { object, now in
    let summary = PodSummary(object)
    var restarts = "\(summary.restarts)"
    if summary.restarts != 0, let last = summary.lastRestart { restarts += " (\((now - last).ageText) ago)" }
    func text(_ value: JSON?) -> JSON {
      let text = value?.string ?? ""
      return .string(text.isEmpty ? "<none>" : text)
    }
    return [
      .string(object.name), .string("\(summary.readyContainers)/\(summary.containers)"), .string(summary.reason),
      .string(restarts), .string(object.age(now)), text(object.status["podIPs"]?.items.first?["ip"]),
      text(object.spec["nodeName"]), text(object.status["nominatedNodeName"]), .string(readinessGates(object)),
    ]
  }

  private static func readinessGates(_ pod: JSON) -> String {
    let gates = pod.spec["readinessGates"]?.items ?? []
    if gates.isEmpty { return "<none>" }
    let conditions = pod.status["conditions"]?.items ?? []
    let met = gates.filter { gate in
      conditions.contains { $0["type"] == gate["conditionType"] && $0["status"] == "True" }
    }
    return "\(met.count)/\(gates.count)"
  }
}
