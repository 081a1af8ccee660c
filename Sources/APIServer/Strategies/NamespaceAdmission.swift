import JSONTree
import KubernetesAPI

/// Upstream's NamespaceLifecycle: nothing new in a namespace that is not there or is on its way out.
enum NamespaceAdmission {
  static let protected: Set<String> = ["default", "kube-system", "kube-public"]

  static func admit(_ object: JSON, kind: ResourceKind, registry: Registry) throws(APIStatus) {
    guard kind.isNamespaced else { return }
    let namespace = object.namespace
    guard let found = try registry.object(.namespaces, ObjectName(name: namespace)) else {
      throw .notFound(.namespaces, namespace)
    }
    guard found.fields["status.phase"] == "Terminating" else { return }
    var status = APIStatus.forbidden(
      kind, object.name,
      "unable to create new content in namespace \(namespace) because it is being terminated")
    status.details?.causes = [
      APIStatus.Cause(
        reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
        field: "metadata.namespace")
    ]
    throw status
  }
}
