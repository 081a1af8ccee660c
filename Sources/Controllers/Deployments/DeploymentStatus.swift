import JSONTree
import KubernetesAPI

/// The status of a Deployment, from those of its sets.
struct DeploymentStatus {
  private(set) var status: JSON
  private(set) var recheckAfter: Duration?

  private let deployment: JSON
  private let newSet: JSON?
  private let oldSets: [JSON]
  private let limits: RolloutLimits
  private let replicas: Int64
  private let updated: Int64
  private let ready: Int64
  private let available: Int64

  init(_ deployment: JSON, _ newSet: JSON?, _ oldSets: [JSON], _ limits: RolloutLimits) {
    self.deployment = deployment
    self.newSet = newSet
    self.oldSets = oldSets
    self.limits = limits
    let all = oldSets + (newSet.map { [$0] } ?? [])
    let sum = { (key: String) in all.reduce(Int64(0)) { $0 + ($1.status[key]?.int ?? 0) } }
    replicas = sum("replicas")
    ready = sum("readyReplicas")
    available = sum("availableReplicas")
    updated = newSet?.status["replicas"]?.int ?? 0
    status = deployment.status
    let wanted = all.reduce(Int64(0)) { $0 + ($1.spec["replicas"]?.int ?? 0) }
    let unavailable = max(0, wanted - available)
    status["observedGeneration"] = .int(deployment.generation)
    for (key, value) in [
      ("replicas", replicas), ("updatedReplicas", updated), ("readyReplicas", ready),
      ("availableReplicas", available), ("unavailableReplicas", unavailable),
    ] { status[key] = value == 0 ? nil : .int(value) }
  }

  /// Whether the rollout is over: all pods are of the current template and available, and none is left over.
  var isComplete: Bool {
    let wanted = Int64(limits.replicas)
    return updated == wanted && replicas == wanted && available == wanted
  }

  private var hasProgressed: Bool {
    let old = { (key: String) in deployment.status[key]?.int ?? 0 }
    return updated > old("updatedReplicas") || replicas - updated < old("replicas") - old("updatedReplicas")
      || ready > old("readyReplicas") || available > old("availableReplicas")
  }

  mutating func addConditions(created: String?, now: Timestamp) {
    let isAvailable = available >= Int64(limits.floor)
    set(
      "Available", isAvailable, isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      isAvailable ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", now)
    addFailure(now)
    guard let deadline = deployment.spec["progressDeadlineSeconds"]?.int, deadline < Int64(Int32.max) else {
      remove("Progressing")
      return
    }
    addProgress(deadline: .seconds(deadline), created: created, now)
  }

  private mutating func addFailure(_ now: Timestamp) {
    let failing = ((newSet.map { [$0] } ?? []) + oldSets).compactMap { $0.condition("ReplicaFailure") }.first
    guard let failing else { return remove("ReplicaFailure") }
    set(
      "ReplicaFailure", failing["status"]?.string == "True", failing["reason"]?.string ?? "",
      failing["message"]?.string ?? "", now)
  }

  private mutating func addProgress(deadline: Duration, created: String?, _ now: Timestamp) {
    let current = condition("Progressing")
    let reason = current?["reason"]?.string
    if deployment.spec["paused"]?.bool ?? false {
      if reason != "DeploymentPaused" { set("Progressing", nil, "DeploymentPaused", "Deployment is paused", now) }
      return
    }
    if reason == "DeploymentPaused" {
      set("Progressing", nil, "DeploymentResumed", "Deployment is resumed", now)
      return
    }
    if let created {
      set("Progressing", true, "NewReplicaSetCreated", "Created new replica set \"\(created)\"", now)
      return
    }
    let subject = newSet.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
    // Once complete it stays so, also while pods come and go, until the template changes.
    if reason == "NewReplicaSetAvailable", replicas == updated { return }
    if isComplete {
      set("Progressing", true, "NewReplicaSetAvailable", "\(subject) has successfully progressed.", now)
    } else if hasProgressed {
      set("Progressing", true, "ReplicaSetUpdated", "\(subject) is progressing.", now, renewing: true)
      recheckAfter = deadline
    } else if let newSet, current == nil {
      set("Progressing", true, "FoundNewReplicaSet", "Found new replica set \"\(newSet.name)\"", now)
      recheckAfter = deadline
    } else if let since = current?["lastUpdateTime"]?.string.flatMap({ Timestamp($0) }) {
      guard reason != "ProgressDeadlineExceeded", reason != "NewReplicaSetAvailable" else { return }
      if since + deadline < now {
        set("Progressing", false, "ProgressDeadlineExceeded", "\(subject) has timed out progressing.", now)
      } else {
        recheckAfter = since + deadline - now + .seconds(1)
      }
    }
  }

  // MARK: Conditions with lastUpdateTime

  private func condition(_ type: String) -> JSON? {
    (status["conditions"]?.items ?? []).first { $0["type"]?.string == type }
  }

  private mutating func set(
    _ type: String, _ isTrue: Bool?, _ reason: String, _ message: String, _ now: Timestamp, renewing: Bool = false
  ) {
    let value: JSON = isTrue.map { $0 ? "True" : "False" } ?? "Unknown"
    let old = condition(type)
    if !renewing, old?["status"] == value, old?["reason"]?.string == reason { return }
    let time = JSON.string(now.description)
    let transition = old?["status"] == value ? old?["lastTransitionTime"] ?? time : time
    let new: JSON = [
      "type": .string(type), "status": value, "lastUpdateTime": time, "lastTransitionTime": transition,
      "reason": .string(reason), "message": .string(message),
    ]
    let others = (status["conditions"]?.items ?? []).filter { $0["type"]?.string != type }
    status["conditions"] = .array(others + [new])
  }

  private mutating func remove(_ type: String) {
    guard condition(type) != nil else { return }
    status["conditions"] = .array((status["conditions"]?.items ?? []).filter { $0["type"]?.string != type })
  }
}
