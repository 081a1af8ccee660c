package import KubernetesAPI

/// Which objects of a collection a request is about: a namespace, a label selector, a field selector.
package struct Selection: Sendable {
  package var namespace: String?
  package var labels: LabelSelector?
  package var fields: FieldSelector?

  package init(namespace: String? = nil, labels: LabelSelector? = nil, fields: FieldSelector? = nil) {
    self.namespace = namespace
    self.labels = labels
    self.fields = fields
  }

  package func contains(_ object: CachedObject) -> Bool {
    if let namespace, namespace != object.name.namespace { return false }
    if let fields, !fields.matches(object.field) { return false }
    if let labels, !labels.matches(object.labels) { return false }
    return true
  }
}
