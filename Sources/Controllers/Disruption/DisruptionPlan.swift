import JSONTree
import KubernetesAPI

/// How many of a PodDisruptionBudget's pods may go: pods in, a status out.
struct DisruptionPlan {
  /// For so long an evicted pod may still seem healthy.
  static let deletionTimeout = Duration.seconds(120)

  let status: JSON
  /// After what time the status changes without any event.
  private(set) var recheckAfter: Duration?

  /// - Parameters:
  ///   - pods: Those that the budget selects.
  ///   - scale: How many pods their controllers are to have in all; throws what keeps that from being known.
  init(budget: JSON, pods: [JSON], scale: () throws -> Int, now: Timestamp) {
    var result = budget
    do {
      let (expected, desired) = try Self.wanted(budget.spec, pods: pods, scale: scale)
      var evicted: [JSONObject.Member] = []
      var recheck: Duration?
      for member in budget.status["disruptedPods"]?.object?.members ?? [] {
        guard let pod = pods.first(where: { $0.name == member.key }), !pod.isTerminating,
          let since = member.value.string.flatMap({ Timestamp($0) }), since + Self.deletionTimeout > now
        else { continue }
        evicted.append(member)
        let left = since + Self.deletionTimeout - now
        recheck = min(recheck ?? left, left)
      }
      let waiting = Set(evicted.map(\.key))
      let healthy = pods.filter { !$0.isTerminating && $0.isPodReady && !waiting.contains($0.name) }.count
      let allowed = expected > 0 ? max(0, healthy - desired) : 0
      result[path: "status", "disruptedPods"] = evicted.isEmpty ? nil : .object(JSONObject(members: evicted))
      for (name, count) in [
        ("disruptionsAllowed", allowed), ("currentHealthy", healthy), ("desiredHealthy", desired),
        ("expectedPods", expected),
      ] {
        result[path: "status", name] = .int(Int64(count))
      }
      result[path: "status", "observedGeneration"] = .int(budget.generation)
      Self.setCondition(
        &result, isTrue: allowed > 0, reason: allowed > 0 ? "SufficientPods" : "InsufficientPods", message: "", now)
      recheckAfter = recheck.map { max($0, .milliseconds(10)) }
    } catch {
      // What is not known forbids every eviction.
      result[path: "status", "disruptionsAllowed"] = 0
      result[path: "status", "observedGeneration"] = .int(budget.generation)
      Self.setCondition(&result, isTrue: false, reason: "SyncFailed", message: error.apiMessage, now)
      recheckAfter = .seconds(10)
    }
    status = result.status
  }

  private static func setCondition(
    _ budget: inout JSON, isTrue: Bool, reason: String, message: String, _ now: Timestamp
  ) {
    budget.setCondition(
      "DisruptionAllowed", isTrue: isTrue, reason: reason, message: message, observedGeneration: budget.generation,
      at: now)
    guard message.isEmpty else { return }
    // Conditions of this form have a message even if it is empty.
    let conditions = (budget.status["conditions"]?.items ?? []).map { condition in
      guard condition["type"] == "DisruptionAllowed" else { return condition }
      var told = condition
      told["message"] = ""
      return told
    }
    budget[path: "status", "conditions"] = .array(conditions)
  }

  /// How many pods there are to be, and how many of them have to be healthy.
  private static func wanted(
    _ spec: JSON, pods: [JSON], scale: () throws -> Int
  ) throws -> (expected: Int, desired: Int) {
    if let most = IntOrString(json: spec["maxUnavailable"]) {
      let expected = try scale()
      return (expected, max(0, expected - (try most.scaled(of: expected, roundingUp: true))))
    }
    switch IntOrString(json: spec["minAvailable"]) {
    case .int(let least)?: return (pods.count, least)
    case let part?:
      let expected = try scale()
      return (expected, try part.scaled(of: expected, roundingUp: true))
    case nil: return (pods.count, 1)
    }
  }
}
