import JSONTree
import KubernetesAPI

/// The user that owns what only the pod's processes should read, such as its tokens.
enum FileOwner {
  /// The user all of the pod's containers are asked to run as; `nil` where they differ or one says nothing.
  static func user(of pod: JSON) -> UInt32? {
    let common = pod.spec["securityContext"]?["runAsUser"]?.int
    let users = (pod.initContainers + pod.containers).map { $0["securityContext"]?["runAsUser"]?.int ?? common }
    guard let first = users.first ?? nil, users.allSatisfy({ $0 == first }) else { return nil }
    return UInt32(truncatingIfNeeded: first)
  }
}
