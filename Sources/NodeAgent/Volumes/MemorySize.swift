import JSONTree
import KubernetesAPI

/// How large a volume in memory may grow: what it says, what the pod's containers may use together, and what the node
/// has, whichever is least.
enum MemorySize {
  /// - Returns: bytes; `nil` where nothing bounds it.
  static func limit(of volume: JSON, pod: JSON, nodeMemory: Int64) -> Int64? {
    let own = volume["sizeLimit"].flatMap { try? Quantity(json: $0) }?.value
    return [own, podLimit(pod), nodeMemory].compactMap { $0 }.filter { $0 > 0 }.min()
  }

  /// `nil` where a container may use what it wants.
  private static func podLimit(_ pod: JSON) -> Int64? {
    func limits(_ containers: [JSON]) -> [Int64]? {
      let limits = containers.map { ContainerResources(container: $0).memoryLimit }
      return limits.allSatisfy { $0 > 0 } ? limits : nil
    }
    let sidecars = pod.initContainers.filter(\.isSidecar)
    guard let together = limits(pod.containers + sidecars), let alone = limits(pod.initContainers) else { return nil }
    // Init containers run one at a time and before the others.
    return max(together.reduce(0, +), alone.max() ?? 0)
  }
}
