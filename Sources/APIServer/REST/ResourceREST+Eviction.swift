import JSONTree
import KubernetesAPI

extension ResourceREST {
  private static let evictionKind = ResourceKind(
    "Eviction", plural: "evictions", in: .policy, schema: "io.k8s.api.policy.v1.Eviction")

  /// `pods/eviction`: deletes a pod, where its disruption budget allows one to go.
  func evict(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let eviction = try decoded(try request.requiredBody(), as: Self.evictionKind, for: request).0
    guard eviction.name == request.info.name else {
      throw .badRequest("name in URL does not match name in Eviction object")
    }
    var options = try DeleteOptions(request, given: eviction["deleteOptions"])
    guard let current = try registry.object(.pods, request.name) else {
      throw .notFound(.pods, request.info.name)
    }
    let pod = try current.tree()
    try options.check(pod, kind: .pods)
    let phase = pod.status["phase"]?.string
    let isIdle = pod.isTerminating || phase == "Succeeded" || phase == "Failed" || phase == "Pending"
    if !isIdle, try await takeDisruption(for: pod, isDryRun: options.isDryRun) == .notReady {
      // One that becomes ready meanwhile counts.
      options.resourceVersion = options.resourceVersion ?? pod.resourceVersion
    }
    // Nothing but this pod, which the budget was asked about.
    options.uid = options.uid ?? pod.uid
    _ = try await delete(.pods, request.name, options)
    return Self.success(code: 201)
  }

  /// Why a pod may go.
  private enum Leave {
    case granted
    /// It counts for no budget.
    case notReady
  }

  /// Takes one from the budget that covers a pod. Throws 429 where it has none to give.
  private func takeDisruption(for pod: JSON, isDryRun: Bool) async throws(APIStatus) -> Leave {
    for _ in 0..<20 {
      let cache = try registry.cache(of: .podDisruptionBudgets)
      let objects = Self.range(
        of: cache.view.objects, Selection(namespace: pod.namespace), kind: .podDisruptionBudgets)
      var matching: [(CachedObject, JSON)] = []
      for object in objects {
        let budget = try object.tree()
        guard let selector = try? LabelSelector(object: budget.spec["selector"]), selector.matches(pod.labels) else {
          continue
        }
        matching.append((object, budget))
      }
      guard let (object, budget) = matching.first else { return .granted }
      guard matching.count == 1 else {
        throw .internalError(
          "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
      }
      if !pod.isPodReady, Self.letsUnreadyGo(budget) { return .notReady }
      try Self.judge(budget)
      if isDryRun { return .granted }
      var changed = budget
      changed[path: "status", "disruptionsAllowed"] = .int((budget.status["disruptionsAllowed"]?.int ?? 0) - 1)
      changed[path: "status", "disruptedPods", pod.name] = .string(Timestamp.now.description)
      do {
        _ = try await registry.replace(.podDisruptionBudgets, changed, at: object.revision)
        return .granted
      } catch {
        // Another eviction, or the budget's controller, was first.
        guard error.reason == "Conflict" else { throw error }
      }
    }
    throw .modified(.podDisruptionBudgets, pod.name)
  }

  /// Whether a pod that is not ready, and so does not count, may go whatever the budget has to give.
  private static func letsUnreadyGo(_ budget: JSON) -> Bool {
    if budget.spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow" { return true }
    let (needed, healthy) = (budget.status["desiredHealthy"]?.int ?? 0, budget.status["currentHealthy"]?.int ?? 0)
    return needed > 0 && healthy >= needed
  }

  private static func judge(_ budget: JSON) throws(APIStatus) {
    let status = budget.status
    if (status["observedGeneration"]?.int ?? 0) < budget.generation {
      throw refusal("The disruption budget \(budget.name) is still being processed by the server.", retryAfter: 10)
    }
    guard (status["disruptionsAllowed"]?.int ?? 0) <= 0 else { return }
    let (needed, healthy) = (status["desiredHealthy"]?.int ?? 0, status["currentHealthy"]?.int ?? 0)
    throw refusal(
      "The disruption budget \(budget.name) needs \(needed) healthy pods and has \(healthy) currently", retryAfter: nil)
  }

  private static func refusal(_ cause: String, retryAfter: Int?) -> APIStatus {
    var details = APIStatus.Details()
    details.causes = [APIStatus.Cause(reason: "DisruptionBudget", message: cause, field: "")]
    details.retryAfterSeconds = retryAfter
    return APIStatus(
      code: 429, reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.", details: details)
  }
}
