import APIClient
import JSONTree
import KubernetesAPI

/// The indexes in which the controllers find objects.
enum ObjectIndex {
  /// By the UID of the object's controller.
  static let controller = "controller"
  /// By namespace, of the objects that have no controller.
  static let orphans = "orphans"
  /// By namespace and one label: `NAMESPACE/KEY=VALUE`.
  static let label = "label"
  /// By the node that a pod is bound to.
  static let node = "node"

  static func addOwnership(to informer: Informer) {
    informer.addIndex(controller) { ($0.controllerReference?["uid"]?.string).map { [$0] } ?? [] }
    informer.addIndex(orphans) { $0.controllerReference == nil ? [$0.namespace] : [] }
  }

  static func addLabels(to informer: Informer) {
    informer.addIndex(label) { object in
      object.labels.map { labelKey(namespace: object.namespace, $0.key, $0.value) }
    }
  }

  static func labelKey(namespace: String, _ key: String, _ value: String) -> String { "\(namespace)/\(key)=\(value)" }
}
