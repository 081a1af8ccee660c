import ContainerRuntime
import JSONTree
import KubernetesAPI

/// What a container may use of the machine, from its requests and limits.
///
/// The conversions are upstream's: shares = millicores * 1024 / 1000, at least 2; quota per 100 ms, at least 1 ms.
struct ContainerResources: Sendable, Hashable {
  var cpuRequestMilli: Int64
  var cpuLimitMilli: Int64
  var memoryRequest: Int64
  var memoryLimit: Int64

  static let cpuPeriodMicroseconds: Int64 = 100_000

  init(container: JSON) {
    func read(_ section: String, _ name: String, milli: Bool) -> Int64 {
      guard let value = container["resources"]?[section]?[name], let quantity = try? Quantity(json: value) else {
        return 0
      }
      return milli ? quantity.milliValue : quantity.value
    }
    cpuLimitMilli = read("limits", "cpu", milli: true)
    memoryLimit = read("limits", "memory", milli: false)
    let requested = read("requests", "cpu", milli: true)
    cpuRequestMilli = requested == 0 && container["resources"]?["requests"]?["cpu"] == nil ? cpuLimitMilli : requested
    let memory = read("requests", "memory", milli: false)
    memoryRequest = memory == 0 && container["resources"]?["requests"]?["memory"] == nil ? memoryLimit : memory
  }

  var linux: CRI.LinuxContainerResources {
    var result = CRI.LinuxContainerResources()
    result.cpuShares = max(2, min(262_144, cpuRequestMilli * 1024 / 1000))
    if cpuLimitMilli > 0 {
      result.cpuPeriod = Self.cpuPeriodMicroseconds
      result.cpuQuota = max(1000, cpuLimitMilli * Self.cpuPeriodMicroseconds / 1000)
    }
    if memoryLimit > 0 { result.memoryLimitInBytes = memoryLimit }
    return result
  }

  /// How readily the kernel kills it when memory runs out (upstream's `GetContainerOOMScoreAdjust`).
  func outOfMemoryScore(quality: QualityOfService, nodeMemory: Int64) -> Int64 {
    switch quality {
    case .guaranteed: return -997
    case .bestEffort: return 1000
    case .burstable:
      guard nodeMemory > 0 else { return 999 }
      let score = 1000 - 1000 * memoryRequest / nodeMemory
      return score < 3 ? 3 : score == 1000 ? 999 : score
    }
  }
}
