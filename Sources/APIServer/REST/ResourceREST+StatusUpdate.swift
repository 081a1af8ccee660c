import JSONTree
import KubernetesAPI

extension ResourceREST {
  /// A status update changes the status and the metadata, of which some kinds keep more than others.
  static func keepAllButStatus(_ object: inout JSON, of old: JSON, kind: ResourceKind) {
    var kept = old
    kept["status"] = object["status"]
    kept["metadata"] = object["metadata"]
    switch kind {
    case .pods: kept[path: "metadata", "ownerReferences"] = old[path: "metadata", "ownerReferences"]
    case .deployments: kept[path: "metadata", "labels"] = old[path: "metadata", "labels"]
    default: break
    }
    object = kept
  }
}
