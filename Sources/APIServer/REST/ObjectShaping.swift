import JSONTree
import KubernetesAPI

/// Objects and lists in the form a client asked for.
enum ObjectShaping {
  static func shape(_ tree: JSON, of request: ResourceRequest) throws(APIStatus) -> JSON {
    switch request.format.shape {
    case .object: tree
    case .partialMetadata: partialMetadata(tree)
    case .table(let version):
      TableRendering.table(
        [tree], metadata: ["resourceVersion": .string(tree.resourceVersion)], of: request, version: version)
    }
  }

  static func partialMetadata(_ tree: JSON) -> JSON {
    ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": tree.metadata]
  }
}
