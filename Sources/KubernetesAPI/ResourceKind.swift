/// A kind of object that the API serves: its names, its scope, its subresources.
package struct ResourceKind: Hashable, Sendable {
  package let groupVersion: GroupVersion
  /// As in `kind`: `Pod`.
  package let kind: String
  /// As in paths: `pods`.
  package let plural: String
  package let singular: String
  package let shortNames: [String]
  package let categories: [String]
  package let isNamespaced: Bool
  /// `status`, `scale`, `log`, …
  package let subresources: [String]
  /// The schema's name, as in OpenAPI: `io.k8s.api.core.v1.Pod`.
  package let schemaName: String

  package init(
    _ kind: String, plural: String, in groupVersion: GroupVersion, schema: String, shortNames: [String] = [],
    categories: [String] = [], isNamespaced: Bool = true, subresources: [String] = []
  ) {
    self.groupVersion = groupVersion
    self.kind = kind
    self.plural = plural
    singular = kind.lowercased()
    self.shortNames = shortNames
    self.categories = categories
    self.isNamespaced = isNamespaced
    self.subresources = subresources
    schemaName = schema
  }

  package static func == (left: ResourceKind, right: ResourceKind) -> Bool {
    left.plural == right.plural && left.groupVersion == right.groupVersion
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(plural)
    hasher.combine(groupVersion)
  }

  package var apiVersion: String { groupVersion.description }
  package var listKind: String { kind + "List" }
  /// The name in error messages: `pods` or `deployments.apps`.
  package var qualifiedResource: String {
    groupVersion.group.isEmpty ? plural : "\(plural).\(groupVersion.group)"
  }

  /// Path of the collection; of all namespaces where `namespace` is `nil` or the kind has none.
  package func collectionPath(namespace: String? = nil) -> String {
    guard isNamespaced, let namespace else { return "\(groupVersion.path)/\(plural)" }
    return "\(groupVersion.path)/namespaces/\(namespace)/\(plural)"
  }

  /// Path of one object, or of one of its subresources.
  package func objectPath(namespace: String? = nil, name: String, subresource: String? = nil) -> String {
    let path = "\(collectionPath(namespace: namespace))/\(name)"
    return subresource.map { "\(path)/\($0)" } ?? path
  }
}
