import JSONTree
import KubernetesAPI

/// How an informer keeps its objects.
package enum ObjectRetention: Sendable, Hashable {
  /// As trees: quickest to read, about five times as large as their text.
  case trees
  /// As text, parsed when read: for many objects that are seldom read.
  case text
  /// Names, UIDs and resource versions, and nothing else: for a follower that takes from each event what it needs and
  /// keeps that itself. It has to subscribe before the informer runs, as nothing is there to be told later; what an
  /// event says of an object's former state is its reference, too.
  case references
}

/// The objects of one kind, by name and by any number of indexes.
struct ObjectStore {
  enum Entry {
    case tree(JSON)
    case text([UInt8])
    case reference(uid: String, resourceVersion: String)

    init(_ object: JSON, _ retention: ObjectRetention) {
      switch retention {
      case .trees: self = .tree(object)
      case .text:
        // Written in place an array has room for as much again.
        let bytes = object.encoded()
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        text += bytes
        self = .text(text)
      case .references: self = .reference(uid: object.uid, resourceVersion: object.resourceVersion)
      }
    }

    /// What is known of the object of this name.
    func object(_ name: ObjectName) -> JSON {
      switch self {
      case .tree(let tree): return tree
      // The text is our own encoding of a tree.
      case .text(let bytes): return (try? JSON.parse(bytes)) ?? .null
      case .reference(let uid, let resourceVersion):
        var metadata: JSON = [
          "name": .string(name.name), "uid": .string(uid), "resourceVersion": .string(resourceVersion),
        ]
        if !name.namespace.isEmpty { metadata["namespace"] = .string(name.namespace) }
        return ["metadata": metadata]
      }
    }
  }

  struct Index {
    let keys: @Sendable (JSON) -> [String]
    var names: [String: Set<ObjectName>] = [:]

    mutating func insert(_ object: JSON) {
      for key in keys(object) { names[key, default: []].insert(object.objectName) }
    }

    mutating func remove(_ object: JSON) {
      for key in keys(object) {
        names[key]?.remove(object.objectName)
        if names[key]?.isEmpty == true { names[key] = nil }
      }
    }
  }

  let retention: ObjectRetention
  private var entries: [ObjectName: Entry] = [:]
  private var indexes: [String: Index] = [:]

  init(retention: ObjectRetention) { self.retention = retention }

  var count: Int { entries.count }
  var names: [ObjectName] { Array(entries.keys) }
  var objects: [JSON] { entries.map { $1.object($0) } }

  subscript(_ name: ObjectName) -> JSON? { entries[name]?.object(name) }

  func objects(index: String, key: String) -> [JSON] {
    guard let names = indexes[index]?.names[key] else { return [] }
    return names.compactMap { self[$0] }
  }

  func contains(index: String, key: String) -> Bool { indexes[index]?.names[key] != nil }

  mutating func addIndex(_ name: String, keys: @escaping @Sendable (JSON) -> [String]) {
    guard indexes[name] == nil else { return }
    precondition(retention != .references, "an index is made of objects, and none of them is kept")
    var index = Index(keys: keys)
    for object in objects { index.insert(object) }
    indexes[name] = index
  }

  mutating func insert(_ object: JSON, replacing old: JSON?) {
    for name in indexes.keys {
      if let old { indexes[name]?.remove(old) }
      indexes[name]?.insert(object)
    }
    entries[object.objectName] = Entry(object, retention)
  }

  mutating func remove(_ object: JSON) {
    for name in indexes.keys { indexes[name]?.remove(object) }
    entries[object.objectName] = nil
  }
}
