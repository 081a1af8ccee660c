import JSONTree
import KubernetesAPI

/// What a pod has taken of its node's disk, and whether that is more than it may. Pure; the messages are the kubelet's.
struct StorageUse: Sendable, Hashable {
  /// By container: what it wrote to its own layer and to its logs, in bytes.
  var containers: [String: Int64] = [:]
  /// By volume: of those on the disk that are the pod's own.
  var volumes: [String: Int64] = [:]

  static let resource = "ephemeral-storage"

  /// The pod's own volumes on the disk.
  static func volumes(of pod: JSON) -> [JSON] {
    (pod.spec["volumes"]?.items ?? []).filter { $0["emptyDir"] != nil && $0["emptyDir"]?["medium"] != "Memory" }
  }

  /// Whether anything bounds what the pod may take.
  static func isBounded(_ pod: JSON) -> Bool {
    volumes(of: pod).contains { $0["emptyDir"]?["sizeLimit"] != nil }
      || pod.containers.contains { limit(of: $0) != nil }
  }

  private static func limit(of container: JSON) -> Quantity? {
    container["resources"]?["limits"]?[resource].flatMap { try? Quantity(json: $0) }
  }

  /// Why the pod has to go; `nil` where it may stay.
  func excess(of pod: JSON) -> String? {
    for volume in Self.volumes(of: pod) {
      let name = volume.containerName
      guard let limit = volume["emptyDir"]?["sizeLimit"].flatMap({ try? Quantity(json: $0) }), limit.value > 0,
        volumes[name] ?? 0 > limit.value
      else { continue }
      return "Usage of EmptyDir volume \"\(name)\" exceeds the limit \"\(limit)\". "
    }
    let limits = pod.containers.map(Self.limit)
    let known = limits.compactMap { $0 }
    guard !known.isEmpty else { return nil }
    let total = known.dropFirst().reduce(known[0]) { $0 + $1 }
    let used = containers.values.reduce(0, +) + volumes.values.reduce(0, +)
    if used > total.value {
      return "Pod ephemeral local storage usage exceeds the total limit of containers \(total). "
    }
    for (container, limit) in zip(pod.containers, limits) {
      guard let limit, containers[container.containerName] ?? 0 > limit.value else { continue }
      return "Container \(container.containerName) exceeded its local ephemeral storage limit \"\(limit)\". "
    }
    return nil
  }
}
