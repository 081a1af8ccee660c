package import JSONTree

/// What a manager says an object should be, for server-side apply.
package struct AppliedConfiguration: Sendable {
  package let object: JSON
  /// The fields it names.
  package let fields: FieldSet
  private let schema: MessageSchema
  private let registry: SchemaRegistry

  /// Why a configuration cannot be merged.
  package struct Fault: Error, Sendable {
    package let message: String
  }

  /// - Parameter object: Decoded, without defaults.
  package init(_ object: JSON, schema: MessageSchema, registry: SchemaRegistry = .shared) throws(Fault) {
    self.object = object
    self.schema = schema
    self.registry = registry
    fields = try Self.fields(object, .message(schema), path: "", registry)
  }

  // MARK: Fields

  private static func fields(
    _ value: JSON, _ shape: MergeShape, path: String, _ registry: SchemaRegistry
  ) throws(Fault) -> FieldSet {
    var children: [FieldSet.Child] = []
    switch (shape, value) {
    case (.message(let schema), .object(let object)):
      for member in object.members {
        guard let field = schema[member.key] else { continue }
        let set = try fields(member.value, MergeShape(field, registry), path: "\(path).\(member.key)", registry)
        children.append(
          .init(
            element: MergeShape.element(ofField: member.key), set: set.isEmpty && isBlank(member.value) ? .leaf : set))
      }
    case (.map(let type), .object(let object)):
      let shape = MergeShape(type, registry)
      for member in object.members {
        var set = try fields(member.value, shape, path: "\(path).\(member.key)", registry)
        set.isMember = true
        children.append(.init(element: MergeShape.element(ofField: member.key), set: set))
      }
    case (.set, .array(let items)):
      for item in items {
        let element = MergeShape.element(ofValue: item)
        if children.contains(where: { $0.element == element }) {
          throw Fault(message: "\(path): duplicate entries for key [=\(item)]")
        }
        children.append(.init(element: element, set: .leaf))
      }
    case (.list(let keys, let schema), .array(let items)):
      var seen: Set<String> = []
      for (index, item) in items.enumerated() {
        guard let element = MergeShape.element(of: item, keys: keys, schema) else {
          throw Fault(
            message: "\(path): element \(index): associative list with keys has an element that omits key field "
              + "\(keys.map { "\"\($0)\"" }.joined(separator: ", ")) (and doesn't have default value)")
        }
        var set = try fields(item, .message(schema), path: path, registry)
        set.isMember = true
        guard seen.insert(element).inserted else {
          let text = FieldSet.node([.init(element: element, set: .leaf)]).paths.first ?? ""
          throw Fault(message: "\(path): duplicate entries for key \(text)")
        }
        children.append(.init(element: element, set: set))
      }
    default: return .leaf
    }
    return .node(children)
  }

  private static func isBlank(_ value: JSON) -> Bool { value.isNull || value.object?.isEmpty == true }

  // MARK: Merge

  /// The live object with what the configuration says.
  package func merged(into live: JSON) -> JSON { merge(live, object, .message(schema)) ?? object }

  private func merge(_ live: JSON?, _ wanted: JSON, _ shape: MergeShape) -> JSON? {
    if wanted.isNull { return nil }
    switch (shape, live, wanted) {
    case (.message(let schema), let live, .object(let wanted)):
      return mergeMembers(live?.object ?? [:], wanted) { name in
        schema[name].map { MergeShape($0, registry) } ?? .leaf
      }
    case (.map(let type), let live, .object(let wanted)):
      let shape = MergeShape(type, registry)
      return mergeMembers(live?.object ?? [:], wanted) { _ in shape }
    case (.set, .array(let live)?, .array(let wanted)):
      return .array(mergeElements(live, wanted, .leaf) { MergeShape.element(ofValue: $0) })
    case (.list(let keys, let schema), .array(let live)?, .array(let wanted)):
      return .array(
        mergeElements(live, wanted, .message(schema)) { MergeShape.element(of: $0, keys: keys, schema) ?? "" })
    default: return wanted
    }
  }

  private func mergeMembers(
    _ live: JSONObject, _ wanted: JSONObject, _ shape: (String) -> MergeShape
  ) -> JSON {
    var result = live
    for member in wanted.members {
      result[member.key] = merge(result[member.key], member.value, shape(member.key))
    }
    return .object(result)
  }

  /// Elements of both, in the wanted order; what only the live list has keeps its place among its neighbours.
  private func mergeElements(
    _ live: [JSON], _ wanted: [JSON], _ shape: MergeShape, _ key: (JSON) -> String
  ) -> [JSON] {
    let liveKeys = live.map(key)
    let wantedKeys = wanted.map(key)
    let places = Dictionary(liveKeys.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let isWanted = Set(wantedKeys)
    var result: [JSON] = []
    var left = 0
    for (index, item) in wanted.enumerated() {
      let place = places[wantedKeys[index]]
      // What stands before it in the live list and is not wanted stays before it.
      if let place {
        while left <= place {
          if !isWanted.contains(liveKeys[left]) { result.append(live[left]) }
          left += 1
        }
      }
      if let merged = merge(place.map { live[$0] }, item, shape) { result.append(merged) }
    }
    for index in left..<max(left, live.count) where !isWanted.contains(liveKeys[index]) { result.append(live[index]) }
    return result
  }

  // MARK: Removal

  /// An object without the fields in `dropped`, unless they or something below them is in `kept`.
  package func removing(_ dropped: FieldSet, keeping kept: FieldSet, from object: JSON) -> JSON {
    dropped.isEmpty ? object : remove(dropped, kept, object, .message(schema))
  }

  private func remove(_ dropped: FieldSet, _ kept: FieldSet, _ value: JSON, _ shape: MergeShape) -> JSON {
    switch (shape, value) {
    case (.message(let schema), .object(let object)):
      return removeMembers(dropped, kept, object) { name in schema[name].map { MergeShape($0, registry) } ?? .leaf }
    case (.map(let type), .object(let object)):
      let shape = MergeShape(type, registry)
      return removeMembers(dropped, kept, object) { _ in shape }
    case (.set, .array(let items)):
      return .array(removeElements(dropped, kept, items, .leaf) { MergeShape.element(ofValue: $0) })
    case (.list(let keys, let schema), .array(let items)):
      return .array(
        removeElements(dropped, kept, items, .message(schema)) {
          MergeShape.element(of: $0, keys: keys, schema) ?? ""
        })
    default: return value
    }
  }

  private func removeMembers(
    _ dropped: FieldSet, _ kept: FieldSet, _ object: JSONObject, _ shape: (String) -> MergeShape
  ) -> JSON {
    var result = JSONObject()
    for member in object.members {
      let element = MergeShape.element(ofField: member.key)
      guard let set = dropped[element] else {
        result.members.append(member)
        continue
      }
      let others = kept[element] ?? FieldSet()
      if set.isMember, others.isEmpty { continue }
      let value = remove(set, others, member.value, shape(member.key))
      // Nobody asked for what is empty now.
      let isEmptied = others.isEmpty && Self.isEmptied(value) && !Self.isEmptied(member.value)
      if !isEmptied { result.members.append(.init(key: member.key, value: value)) }
    }
    return .object(result)
  }

  private static func isEmptied(_ value: JSON) -> Bool { value.array?.isEmpty == true || value.object?.isEmpty == true }

  private func removeElements(
    _ dropped: FieldSet, _ kept: FieldSet, _ items: [JSON], _ shape: MergeShape, _ key: (JSON) -> String
  ) -> [JSON] {
    items.compactMap { item in
      let element = key(item)
      guard let set = dropped[element] else { return item }
      let others = kept[element] ?? FieldSet()
      if set.isMember, others.isEmpty { return nil }
      return remove(set, others, item, shape)
    }
  }
}
