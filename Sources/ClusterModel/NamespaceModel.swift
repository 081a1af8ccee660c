package import JSONTree
import KubernetesAPI

/// What the network needs of a Namespace.
package struct NamespaceModel: Hashable, Sendable {
  package var name: String
  package var labels: [String: String]

  package init(name: String, labels: [String: String] = [:]) {
    self.name = name
    self.labels = labels
  }

  package init(object: JSON) { self.init(name: object.name, labels: object.labels) }
}
