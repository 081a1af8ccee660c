package import APIClient
import JSONTree
package import KubernetesAPI

extension InformerConfiguration {
  /// Follows the objects of a kind and keeps of each what tells who it is and whose, with its labels.
  package static func metadata(of kind: ResourceKind) -> InformerConfiguration {
    var configuration = InformerConfiguration(retention: .text)
    configuration.transform = { [kind] object in
      var metadata: JSON = [:]
      for key in [
        "name", "namespace", "uid", "resourceVersion", "ownerReferences", "finalizers", "deletionTimestamp", "labels",
      ] {
        if let value = object["metadata"]?[key] { metadata[key] = value }
      }
      return ["apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind), "metadata": metadata]
    }
    return configuration
  }
}
