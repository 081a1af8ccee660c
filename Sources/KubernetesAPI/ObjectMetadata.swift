package import JSONTree

/// A namespace with a name; for kinds without a namespace the first is empty.
package struct ObjectName: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let namespace: String
  package let name: String

  package init(namespace: String = "", name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// `NAMESPACE/NAME`, or the name alone.
  package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

  package static func < (left: ObjectName, right: ObjectName) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }
}

/// The standard metadata of a Kubernetes object, read from and written to its tree.
extension JSON {
  package var apiVersion: String { self["apiVersion"]?.string ?? "" }
  package var kind: String { self["kind"]?.string ?? "" }
  package var metadata: JSON { self["metadata"] ?? .object([:]) }
  package var name: String { self["metadata"]?["name"]?.string ?? "" }
  package var namespace: String { self["metadata"]?["namespace"]?.string ?? "" }
  package var objectName: ObjectName { ObjectName(namespace: namespace, name: name) }
  package var uid: String { self["metadata"]?["uid"]?.string ?? "" }
  package var resourceVersion: String { self["metadata"]?["resourceVersion"]?.string ?? "" }
  package var generation: Int64 { self["metadata"]?["generation"]?.int ?? 0 }
  package var creationTimestamp: String? { self["metadata"]?["creationTimestamp"]?.string }
  package var deletionTimestamp: String? { self["metadata"]?["deletionTimestamp"]?.string }
  package var isTerminating: Bool { deletionTimestamp != nil }
  package var labels: [String: String] { self["metadata"]?["labels"]?.object?.strings ?? [:] }
  package var annotations: [String: String] { self["metadata"]?["annotations"]?.object?.strings ?? [:] }
  package var finalizers: [String] { (self["metadata"]?["finalizers"]?.items ?? []).compactMap(\.string) }
  package var ownerReferences: [JSON] { self["metadata"]?["ownerReferences"]?.items ?? [] }
  /// The owner reference whose `controller` is true.
  package var controllerReference: JSON? { ownerReferences.first { $0["controller"]?.bool == true } }
  package var spec: JSON { self["spec"] ?? .object([:]) }
  package var status: JSON { self["status"] ?? .object([:]) }

  /// An owner reference to this object, for the objects a controller makes on its behalf.
  package func ownerReference(isController: Bool = true, blocksDeletion: Bool = true) -> JSON {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
      "controller": .bool(isController), "blockOwnerDeletion": .bool(blocksDeletion),
    ]
  }
}
