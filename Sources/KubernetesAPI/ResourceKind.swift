/// A kind of object that the API serves: its names, its scope, its subresources.
package struct ResourceKind: Hashable, Sendable {
  /// Kinds are passed around with every request and object: one reference costs less than their parts.
  private final class Facts: Sendable {
    let groupVersion: GroupVersion
    let kind: String
    let plural: String
    let singular: String
    let shortNames: [String]
    let categories: [String]
    let isNamespaced: Bool
    let subresources: [String]
    let schemaName: String
    let apiVersion: String
    let hash: Int

    init(
      _ groupVersion: GroupVersion, kind: String, plural: String, shortNames: [String], categories: [String],
      isNamespaced: Bool, subresources: [String], schemaName: String
    ) {
      self.groupVersion = groupVersion
      self.kind = kind
      self.plural = plural
      singular = kind.lowercased()
      self.shortNames = shortNames
      self.categories = categories
      self.isNamespaced = isNamespaced
      self.subresources = subresources
      self.schemaName = schemaName
      apiVersion = groupVersion.description
      var hasher = Hasher()
      hasher.combine(plural)
      hasher.combine(groupVersion)
      hash = hasher.finalize()
    }
  }

  private let facts: Facts

  package init(
    _ kind: String, plural: String, in groupVersion: GroupVersion, schema: String, shortNames: [String] = [],
    categories: [String] = [], isNamespaced: Bool = true, subresources: [String] = []
  ) {
    facts = Facts(
      groupVersion, kind: kind, plural: plural, shortNames: shortNames, categories: categories,
      isNamespaced: isNamespaced, subresources: subresources, schemaName: schema)
  }

  package var groupVersion: GroupVersion { facts.groupVersion }
  /// The text of ``groupVersion``.
  package var apiVersion: String { facts.apiVersion }
  /// As in `kind`: `Pod`.
  package var kind: String { facts.kind }
  /// As in paths: `pods`.
  package var plural: String { facts.plural }
  package var singular: String { facts.singular }
  package var shortNames: [String] { facts.shortNames }
  package var categories: [String] { facts.categories }
  package var isNamespaced: Bool { facts.isNamespaced }
  /// `status`, `scale`, `log`, …
  package var subresources: [String] { facts.subresources }
  /// The schema's name, as in OpenAPI: `io.k8s.api.core.v1.Pod`.
  package var schemaName: String { facts.schemaName }

  package static func == (left: ResourceKind, right: ResourceKind) -> Bool {
    left.facts === right.facts || left.plural == right.plural && left.groupVersion == right.groupVersion
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(facts.hash) }

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
