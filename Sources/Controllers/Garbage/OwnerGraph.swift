import JSONTree
import KubernetesAPI

/// Who owns whom, of all objects, by UID. A value without I/O: events in, UIDs to look at out.
struct OwnerGraph {
  struct Owner: Hashable {
    let uid: String
    let apiVersion: String
    let kind: String
    let name: String
    let blocksDeletion: Bool

    init(_ reference: JSON) {
      uid = reference["uid"]?.string ?? ""
      apiVersion = reference["apiVersion"]?.string ?? ""
      kind = reference["kind"]?.string ?? ""
      name = reference["name"]?.string ?? ""
      blocksDeletion = reference["blockOwnerDeletion"]?.bool ?? false
    }
  }

  struct Node {
    let kind: ResourceKind
    let name: ObjectName
    var owners: [Owner]
    var isTerminating: Bool
    var finalizers: Set<String>

    /// Waits for its dependents to go first.
    var deletesDependents: Bool { isTerminating && finalizers.contains(Finalizer.foreground) }
    /// Lets its dependents live on.
    var orphansDependents: Bool { isTerminating && finalizers.contains(Finalizer.orphan) }
  }

  enum Finalizer {
    static let foreground = "foregroundDeletion"
    static let orphan = "orphan"
  }

  private(set) var nodes: [String: Node] = [:]
  private var dependentsOf: [String: Set<String>] = [:]

  subscript(_ uid: String) -> Node? { nodes[uid] }
  func dependents(of uid: String) -> Set<String> { dependentsOf[uid] ?? [] }

  /// Takes in an object as it is now. Returns the UIDs that may have to go.
  mutating func insert(_ object: JSON, kind: ResourceKind) -> Set<String> {
    let uid = object.uid
    let node = Node(
      kind: kind, name: object.objectName, owners: object.ownerReferences.map(Owner.init),
      isTerminating: object.isTerminating, finalizers: Set(object.finalizers))
    let old = nodes.updateValue(node, forKey: uid)
    for owner in old?.owners ?? [] where !node.owners.contains(where: { $0.uid == owner.uid }) {
      removeDependent(uid, of: owner.uid)
    }
    for owner in node.owners { dependentsOf[owner.uid, default: []].insert(uid) }

    var affected: Set<String> = []
    if node.orphansDependents { affected.insert(uid) }
    if node.deletesDependents { affected.formUnion(dependents(of: uid).union([uid])) }
    if node.owners.contains(where: { nodes[$0.uid].map(\.deletesDependents) ?? true }) { affected.insert(uid) }
    // A dependent that let go, or whose reference no longer blocks, may free its owner.
    for owner in old?.owners ?? [] where nodes[owner.uid]?.deletesDependents ?? false { affected.insert(owner.uid) }
    return affected
  }

  /// Takes out an object that is gone. Returns the UIDs that may have to go with it.
  mutating func remove(_ uid: String) -> Set<String> {
    guard let node = nodes.removeValue(forKey: uid) else { return [] }
    for owner in node.owners { removeDependent(uid, of: owner.uid) }
    var affected = dependents(of: uid)
    for owner in node.owners where nodes[owner.uid]?.deletesDependents ?? false { affected.insert(owner.uid) }
    return affected
  }

  private mutating func removeDependent(_ uid: String, of owner: String) {
    dependentsOf[owner]?.remove(uid)
    if dependentsOf[owner]?.isEmpty ?? false { dependentsOf[owner] = nil }
  }
}
