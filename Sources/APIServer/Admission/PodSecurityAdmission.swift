import JSONTree
import KubernetesAPI

/// Upstream's PodSecurity admission: pods keep to what their namespace's labels ask, workloads are warned of.
struct PodSecurityAdmission: Sendable {
  let registry: Registry
  let configuration: PodSecurityConfiguration

  /// The most pods that are looked at when a namespace gets a stricter standard, and the time that may take; as upstream.
  private static let maximumPods = 3_000
  private static let checkTime = Duration.seconds(1)

  func validate(_ object: JSON, replacing old: JSON?, for request: ResourceRequest) throws(APIStatus) {
    switch request.kind {
    case .namespaces: try judgeNamespace(object, replacing: old, for: request)
    case .pods:
      if let old, !Self.isSignificant(object, old) { return }
      try judge(object, for: request, enforces: true)
    case .podTemplates:
      if let template = object["template"] { try judge(template, for: request, enforces: false) }
    case .cronJobs:
      if let template = object.spec[path: "jobTemplate", "spec", "template"] {
        try judge(template, for: request, enforces: false)
      }
    case .replicationControllers, .replicaSets, .deployments, .statefulSets, .daemonSets, .jobs:
      guard request.info.subresource.isEmpty, let template = object.spec["template"] else { return }
      try judge(template, for: request, enforces: false)
    default: return
    }
  }

  /// Why nothing is asked of a pod.
  private func exemption(of pod: JSON, _ request: ResourceRequest) -> String? {
    if configuration.namespaces.contains(request.namespace) { return "namespace" }
    if configuration.usernames.contains(request.user.name) { return "user" }
    guard let name = pod.spec["runtimeClassName"]?.string else { return nil }
    return configuration.runtimeClasses.contains(name) ? "runtimeClass" : nil
  }

  // MARK: Pods

  /// - Parameter pod: The pod, or the template of a workload.
  private func judge(_ pod: JSON, for request: ResourceRequest, enforces: Bool) throws(APIStatus) {
    if let exemption = exemption(of: pod, request) {
      request.notes.annotate("pod-security.kubernetes.io/exempt", exemption)
      return
    }
    let labels = try registry.object(.namespaces, ObjectName(name: request.namespace))?.labels ?? [:]
    let (policy, faults) = PodSecurityPolicy.read(labels, defaults: configuration.defaults)
    let evaluator = PodSecurityEvaluator()
    if !faults.isEmpty {
      let text = faults.count == 1 ? faults[0].description : "[\(faults.map(\.description).joined(separator: ", "))]"
      request.notes.annotate("pod-security.kubernetes.io/error", "Failed to parse policy: \(text)")
    } else if policy == PodSecurityPolicy() {
      return
    }
    let refused = enforces ? evaluator.violations(of: pod, by: policy.enforce) : []
    if enforces {
      request.notes.annotate("pod-security.kubernetes.io/enforce-policy", policy.enforce.description)
    }
    let noted = evaluator.violations(of: pod, by: policy.audit)
    if !noted.isEmpty {
      request.notes.annotate(
        "pod-security.kubernetes.io/audit-violations", "would violate PodSecurity \"\(policy.audit)\": \(noted.details)"
      )
    }
    guard refused.isEmpty else {
      throw .forbidden(.pods, pod.name, "violates PodSecurity \"\(policy.enforce)\": \(refused.details)")
    }
    let warned = evaluator.violations(of: pod, by: policy.warn)
    if !warned.isEmpty { request.notes.warn("would violate PodSecurity \"\(policy.warn)\": \(warned.details)") }
  }

  private static let seccompPod = "seccomp.security.alpha.kubernetes.io/pod"
  private static let seccompContainer = "container.seccomp.security.alpha.kubernetes.io/"

  /// Whether an update changes what the standards look at and updates may change: images, annotations, ephemeral
  /// containers.
  static func isSignificant(_ pod: JSON, _ old: JSON) -> Bool {
    let (annotations, before) = (pod.annotations, old.annotations)
    if annotations[seccompPod] != before[seccompPod] { return true }
    func isChanged(_ container: JSON, _ previous: JSON) -> Bool {
      let key = seccompContainer + (container["name"]?.string ?? "")
      return container["image"] != previous["image"] || annotations[key] != before[key]
    }
    for list in ["containers", "initContainers"] {
      let (now, then) = (pod.spec[list]?.items ?? [], old.spec[list]?.items ?? [])
      if now.count != then.count || zip(now, then).contains(where: isChanged) { return true }
    }
    let then = old.spec["ephemeralContainers"]?.items ?? []
    return (pod.spec["ephemeralContainers"]?.items ?? []).contains { container in
      guard let previous = then.first(where: { $0["name"] == container["name"] }) else { return true }
      return isChanged(container, previous)
    }
  }

  // MARK: Namespaces

  private func judgeNamespace(_ namespace: JSON, replacing old: JSON?, for request: ResourceRequest) throws(APIStatus) {
    guard request.info.subresource.isEmpty else { return }
    let (policy, faults) = PodSecurityPolicy.read(namespace.labels, defaults: configuration.defaults)
    let before = old.map { PodSecurityPolicy.read($0.labels, defaults: configuration.defaults) }
    if !faults.isEmpty, faults != before?.faults {
      throw .invalid(.namespaces, namespace.name, faults.map(APIStatus.Cause.init))
    }
    if before == nil { warnOfExemption(of: namespace, policy, request) }
    guard let was = before?.policy.enforce, policy.enforce != was, policy.enforce.level != .privileged else { return }
    if policy.enforce.version == was.version, policy.enforce.level <= was.level { return }
    if configuration.namespaces.contains(namespace.name) {
      return warnOfExemption(of: namespace, policy, request)
    }
    for warning in try warnings(of: namespace.name, by: policy.enforce) { request.notes.warn(warning) }
  }

  private func warnOfExemption(of namespace: JSON, _ policy: PodSecurityPolicy, _ request: ResourceRequest) {
    guard configuration.namespaces.contains(namespace.name), !policy.isPrivileged, policy != configuration.defaults
    else { return }
    request.notes.warn(
      "namespace \"\(namespace.name)\" is exempt from Pod Security, and the policy (\(policy.text(of: namespace.labels))) "
        + "will be ignored")
  }

  /// Which of a namespace's pods would break a standard.
  private func warnings(of namespace: String, by standard: PodSecurityStandard) throws(APIStatus) -> [String] {
    let pods = try prioritized(
      ResourceREST.range(
        of: try registry.cache(of: .pods).view.objects, Selection(namespace: namespace), kind: .pods))
    let deadline = ContinuousClock.now + Self.checkTime
    let evaluator = PodSecurityEvaluator()
    var found: [String: (name: String, count: Int)] = [:]
    var checked = 0
    for pod in pods.prefix(Self.maximumPods) {
      checked += 1
      let violations = evaluator.violations(of: pod, by: standard)
      if !violations.isEmpty {
        let earlier = found[violations.reasons]
        found[violations.reasons] = (min(earlier?.name ?? pod.name, pod.name), (earlier?.count ?? 0) + 1)
      }
      if ContinuousClock.now > deadline { break }
    }
    var warnings: [String] = []
    if checked < pods.count {
      warnings.append(
        "new PodSecurity enforce level only checked against the first \(checked) of \(pods.count) existing pods")
    }
    if !found.isEmpty {
      warnings.append(
        "existing pods in namespace \"\(namespace)\" violate the new PodSecurity enforce level \"\(standard)\"")
    }
    return warnings + found.map { Self.line($0.key, $0.value.name, $0.value.count) }.sorted()
  }

  private static func line(_ reasons: String, _ name: String, _ count: Int) -> String {
    switch count {
    case 1: "\(name): \(reasons)"
    case 2: "\(name) (and 1 other pod): \(reasons)"
    default: "\(name) (and \(count - 1) other pods): \(reasons)"
    }
  }

  /// One pod of every controller first: its others are alike.
  private func prioritized(_ objects: some Sequence<CachedObject>) throws(APIStatus) -> [JSON] {
    var first: [JSON] = []
    var rest: [JSON] = []
    var controllers: Set<String> = []
    for object in objects {
      let pod = try object.tree()
      if let owner = pod.controllerReference?["uid"]?.string, !controllers.insert(owner).inserted {
        rest.append(pod)
      } else {
        first.append(pod)
      }
    }
    return first + rest
  }
}
