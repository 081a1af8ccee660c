package import JSONTree
package import KubernetesAPI

/// An object as the watch cache holds it: its encoded text and the few things requests choose by.
///
/// The text is parsed anew by whoever needs the tree; most readers only pass it on.
package final class CachedObject: Sendable {
  package let name: ObjectName
  package let key: String
  package let uid: String
  package let revision: Int64
  package let labels: [String: String]
  /// What field selectors see, beyond `metadata.name` and `metadata.namespace`.
  package let fields: [String: String]
  package let encoded: [UInt8]

  /// What requests choose objects by. Whoever writes an object has its tree and takes them from there, so that its text
  /// need not be parsed again once it is stored.
  struct Facts: Sendable {
    let name: ObjectName
    let uid: String
    let labels: [String: String]
    let fields: [String: String]

    init(_ tree: JSON, kind: ResourceKind) {
      name = tree.objectName
      uid = tree.uid
      labels = tree.labels
      fields = FieldSelectors.values(of: tree, kind: kind)
    }
  }

  init(key: String, revision: Int64, encoded: [UInt8], facts: Facts) {
    self.key = key
    self.revision = revision
    self.encoded = encoded
    name = facts.name
    uid = facts.uid
    labels = facts.labels
    fields = facts.fields
  }

  /// From the text alone, as it is found in the store.
  convenience init(key: String, revision: Int64, encoded: [UInt8], kind: ResourceKind) throws(JSONError) {
    self.init(key: key, revision: revision, encoded: encoded, facts: Facts(try JSON.parse(encoded), kind: kind))
  }

  /// What a field selector compares.
  func field(_ path: String) -> String? {
    switch path {
    case "metadata.name": name.name
    case "metadata.namespace": name.namespace
    default: fields[path]
    }
  }

  /// The object's tree. The text was written by this server, so it parses.
  package func tree() throws(APIStatus) -> JSON {
    do {
      return try JSON.parse(encoded)
    } catch {
      throw .internalError("the stored object \(key) does not parse: \(error)")
    }
  }
}
