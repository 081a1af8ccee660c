import JSONTree
import KubernetesAPI

/// Amounts by the names of resources: `pods`, `requests.cpu`, `count/jobs.batch`.
typealias ResourceAmounts = [String: Quantity]

/// What one object uses of a namespace's quotas, and which scopes it falls under.
struct ResourceUsage: Sendable {
  var amounts: ResourceAmounts
  /// Only pods and claims have scopes.
  let facts: QuotaScopes.Facts?
  /// When a pod that is being deleted should have ended: from then on it is not held against its namespace.
  var expiry: Timestamp?

  /// What is left once that time is over: that the object is there.
  var expired: ResourceUsage {
    ResourceUsage(amounts: amounts.filter { $0.key.hasPrefix("count/") }, facts: facts)
  }
}

/// Counts objects as upstream's quota evaluators do.
enum UsageEvaluator {
  private static let named: Set<String> = [
    "pods", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims",
    "resourcequotas",
  ]
  private static let claimsByClass = ".storageclass.storage.k8s.io/"

  static func usage(of object: JSON, kind: ResourceKind, now: Timestamp = .now) -> ResourceUsage {
    // Upstream has never counted them: whoever reports trouble is not to be stopped.
    if kind.plural == "events" { return ResourceUsage(amounts: [:], facts: nil) }
    let one = Quantity(1)
    var amounts: ResourceAmounts = ["count/\(kind.qualifiedResource)": one]
    let isCore = kind.groupVersion.group.isEmpty
    if isCore, named.contains(kind.plural), kind != .pods { amounts[kind.plural] = one }
    switch kind {
    case .pods:
      if !isFinished(object) {
        amounts["pods"] = one
        add(PodResources(EffectiveResources.pod(object)), to: &amounts)
      }
      var usage = ResourceUsage(amounts: amounts, facts: QuotaScopes.Facts(pod: object))
      usage.expiry = expiry(of: object)
      return usage.expiry.map { $0 <= now } == true ? usage.expired : usage
    case .services: addPorts(object.spec, to: &amounts)
    case .persistentVolumeClaims:
      let size = object.spec[path: "resources", "requests", "storage"].flatMap { try? Quantity(json: $0) }
      if let size { amounts["requests.storage"] = size }
      if let name = object.spec["storageClassName"]?.string, !name.isEmpty {
        amounts["\(name)\(claimsByClass)persistentvolumeclaims"] = one
        if let size { amounts["\(name)\(claimsByClass)requests.storage"] = size }
      }
      return ResourceUsage(amounts: amounts, facts: QuotaScopes.Facts(claim: object))
    default: break
    }
    return ResourceUsage(amounts: amounts, facts: nil)
  }

  /// A pod that is stuck, with its node for instance, must not keep others from taking its place.
  private static func expiry(of pod: JSON) -> Timestamp? {
    guard let deletion = pod.metadata["deletionTimestamp"]?.string.flatMap({ Timestamp($0) }),
      let grace = pod.metadata["deletionGracePeriodSeconds"]?.int
    else { return nil }
    return deletion + .seconds(grace)
  }

  /// A pod that has ended uses nothing any more.
  private static func isFinished(_ pod: JSON) -> Bool {
    let phase = pod.status["phase"]?.string
    return phase == "Failed" || phase == "Succeeded"
  }

  private static func add(_ resources: PodResources, to amounts: inout ResourceAmounts) {
    for (name, amount) in resources.requests {
      amounts["requests.\(name)"] = amount
      if ["cpu", "memory", "ephemeral-storage"].contains(name) || name.hasPrefix("hugepages-") {
        amounts[name] = amount
      }
    }
    for (name, amount) in resources.limits where ["cpu", "memory", "ephemeral-storage"].contains(name) {
      amounts["limits.\(name)"] = amount
    }
  }

  private static func addPorts(_ spec: JSON, to amounts: inout ResourceAmounts) {
    let ports = Quantity(Int64(spec["ports"]?.items.count ?? 0))
    switch spec["type"]?.string {
    case "NodePort": amounts["services.nodeports"] = ports
    case "LoadBalancer":
      amounts["services.loadbalancers"] = Quantity(1)
      if spec["allocateLoadBalancerNodePorts"] != false { amounts["services.nodeports"] = ports }
    default: break
    }
  }
}

/// What a pod asks for and may use in all: its containers together, or more where its initialization needs more.
struct PodResources: Sendable {
  private(set) var requests: ResourceAmounts
  private(set) var limits: ResourceAmounts

  init(_ pod: JSON) {
    requests = Self.total(pod, "requests")
    limits = Self.total(pod, "limits")
    // What a pod asks for as a whole takes the place of its containers' sum.
    requests.merge(Self.wholePod(pod, "requests")) { $1 }
    limits.merge(Self.wholePod(pod, "limits")) { $1 }
    for member in pod.spec["overhead"]?.object?.members ?? [] {
      guard let amount = try? Quantity(json: member.value) else { continue }
      requests[member.key, default: .zero] += amount
      if limits[member.key] != nil { limits[member.key, default: .zero] += amount }
    }
  }

  static func amounts(_ container: JSON, _ side: String) -> ResourceAmounts {
    var amounts: ResourceAmounts = [:]
    for member in container[path: "resources", side]?.object?.members ?? [] {
      amounts[member.key] = try? Quantity(json: member.value)
    }
    return amounts
  }

  private static func wholePod(_ pod: JSON, _ side: String) -> ResourceAmounts {
    amounts(pod.spec, side).filter { ["cpu", "memory"].contains($0.key) || $0.key.hasPrefix("hugepages-") }
  }

  private static func total(_ pod: JSON, _ side: String) -> ResourceAmounts {
    var running: ResourceAmounts = [:]
    for container in pod.spec["containers"]?.items ?? [] {
      running.merge(amounts(container, side)) { $0 + $1 }
    }
    // Sidecars begun so far run beside each of the containers that follow them.
    var (sidecars, highest): (ResourceAmounts, ResourceAmounts) = ([:], [:])
    for container in pod.spec["initContainers"]?.items ?? [] {
      let own = amounts(container, side)
      if container["restartPolicy"] == "Always" {
        sidecars.merge(own) { $0 + $1 }
        highest.merge(sidecars) { max($0, $1) }
      } else {
        highest.merge(own.merging(sidecars) { $0 + $1 }) { max($0, $1) }
      }
    }
    running.merge(sidecars) { $0 + $1 }
    return running.merging(highest) { max($0, $1) }
  }
}
