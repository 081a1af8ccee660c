import JSONTree
import KubernetesAPI
import LinuxKernel

/// What a pod's own control group is limited to: all its containers together. `nil` is no limit.
struct PodControlGroup: Sendable, Hashable {
  var cpuShares: Int64
  /// Microseconds for each 100 ms.
  var cpuQuota: Int64?
  var memoryLimit: Int64?

  /// As upstream: a limit holds for the pod where each of its containers has one.
  init(_ pod: JSON) {
    let requests = ResourceAmounts.requests(of: pod.spec)
    var limits = pod.spec
    for list in ["containers", "initContainers"] {
      guard let containers = limits[list]?.array else { continue }
      limits[list] = .array(
        containers.map { container in
          var container = container
          container[path: "resources", "requests"] = container[path: "resources", "limits"]
          return container
        })
    }
    let most = ResourceAmounts.requests(of: limits)
    func isLimited(_ name: String) -> Bool {
      (pod.containers + pod.initContainers).allSatisfy { container in
        let limit = container[path: "resources", "limits", name].flatMap { try? Quantity(json: $0) }
        return limit.map { !$0.isZero } ?? false
      }
    }
    cpuShares = max(2, min(262_144, requests.cpu * 1024 / 1000))
    if isLimited("cpu") { cpuQuota = max(1000, most.cpu * ContainerResources.cpuPeriodMicroseconds / 1000) }
    if isLimited("memory") { memoryLimit = most.memory }
  }

  /// Wide enough for either, while containers change from one to the other.
  func union(_ other: PodControlGroup) -> PodControlGroup {
    var result = self
    result.cpuShares = max(cpuShares, other.cpuShares)
    result.cpuQuota = cpuQuota.flatMap { quota in other.cpuQuota.map { max(quota, $0) } }
    result.memoryLimit = memoryLimit.flatMap { limit in other.memoryLimit.map { max(limit, $0) } }
    return result
  }

  /// Sets the limits in the hierarchies that have them.
  func apply(to path: String, in tree: ControlGroupTree) throws(KernelError) {
    let period = ContainerResources.cpuPeriodMicroseconds
    let weight = 1 + (cpuShares - 2) * 9999 / 262_142
    let values = [
      ("cpu.shares", "\(cpuShares)"), ("cpu.cfs_period_us", "\(period)"),
      ("cpu.cfs_quota_us", "\(cpuQuota ?? -1)"), ("memory.limit_in_bytes", "\(memoryLimit ?? -1)"),
      ("cpu.weight", "\(weight)"), ("cpu.max", "\(cpuQuota.map(String.init) ?? "max") \(period)"),
      ("memory.max", memoryLimit.map(String.init) ?? "max"),
    ]
    for hierarchy in tree.hierarchies() {
      for (file, value) in values where KernelFile.exists("\(hierarchy)\(path)/\(file)") {
        try KernelFile.write(value, to: "\(hierarchy)\(path)/\(file)")
      }
    }
  }
}

/// Where control groups are found; tests have folders instead.
struct ControlGroupTree: Sendable {
  /// Where each hierarchy is mounted.
  var hierarchies: @Sendable () -> [String] = { Cgroups.hierarchies() }

  /// The bytes in use below a control group; `nil` where nobody counts them.
  func memoryUsage(of path: String) -> Int64? {
    for hierarchy in hierarchies() {
      for file in ["memory.current", "memory.usage_in_bytes"] {
        if let text = KernelFile.firstLine("\(hierarchy)\(path)/\(file)"), let bytes = Int64(text) { return bytes }
      }
    }
    return nil
  }
}
