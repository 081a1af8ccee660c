import JSONTree
import KubernetesAPI

/// Pods made from a template.
enum PodTemplate {
  /// The pod that `owner`'s controller creates. Its name is made up by the server from the owner's.
  static func pod(from template: JSON, owner: JSON) -> JSON {
    var metadata: JSON = [
      "generateName": .string("\(owner.name)-"), "namespace": .string(owner.namespace),
      "ownerReferences": [owner.ownerReference()],
    ]
    for key in ["labels", "annotations", "finalizers"] {
      if let value = template["metadata"]?[key] { metadata[key] = value }
    }
    return ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template.spec]
  }
}
