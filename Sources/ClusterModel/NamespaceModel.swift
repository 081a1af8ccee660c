package import JSONTree
import KubernetesAPI

/// What the network needs of a Namespace.
package struct NamespaceModel: Hashable, Sendable {
  package var name: String
  package var labels: [String: String]
  /// Counts versions of all objects alike; for whoever waits until a version has been seen.
  package var revision: UInt64 = 0

  package init(name: String, labels: [String: String] = [:]) {
    self.name = name
    self.labels = labels
  }

  package init(object: JSON) {
    self.init(name: object.name, labels: object.labels)
    revision = UInt64(object.resourceVersion) ?? 0
  }
}
