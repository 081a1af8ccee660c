import JSONTree
import KubernetesAPI

/// How an informer keeps its objects.
package enum ObjectRetention: Sendable, Hashable {
  /// As trees: quickest to read, about five times as large as their text.
  case trees
  /// As text, parsed when read: for many objects that are seldom read.
  case text
}

/// The objects of one kind, by name and by any number of indexes.
struct ObjectStore {
  enum Entry {
    case tree(JSON)
    case text([UInt8])

    init(_ object: JSON, _ retention: ObjectRetention) {
      if retention == .trees {
        self = .tree(object)
        return
      }
      // Written in place an array has room for as much again.
      let bytes = object.encoded()
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count)
      text += bytes
      self = .text(text)
    }

    var object: JSON {
      switch self {
      case .tree(let tree): tree
      // The text is our own encoding of a tree.
      case .text(let bytes): (try? JSON.parse(bytes)) ?? .null
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
  var objects: [JSON] { entries.values.map(\.object) }

  subscript(_ name: ObjectName) -> JSON? { entries[name]?.object }

  func objects(index: String, key: String) -> [JSON] {
    guard let names = indexes[index]?.names[key] else { return [] }
    return names.compactMap { entries[$0]?.object }
  }

  func contains(index: String, key: String) -> Bool { indexes[index]?.names[key] != nil }

  mutating func addIndex(_ name: String, keys: @escaping @Sendable (JSON) -> [String]) {
    guard indexes[name] == nil else { return }
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
