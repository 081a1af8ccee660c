import JSONTree

/// Lays an applied configuration over a live object.
struct ApplyMerge {
  let types: ApplyTypes

  /// The merged value; `nil` where nothing is left to write.
  func merge(_ live: JSON?, _ applied: JSON?, _ shape: ApplyShape) -> JSON? {
    guard let applied else { return live }
    if (live.isHollowOrMissing && applied.isHollow) || ApplyForm(shape, applied) == .leaf { return applied }
    if case .leaf? = live.map({ ApplyForm(shape, $0) }) { return applied }
    return ApplyForm(shape, applied) == .list
      ? list(live?.items ?? [], applied.items, shape) : object(live?.object, applied.object, shape)
  }

  private func object(_ live: JSONObject?, _ applied: JSONObject?, _ shape: ApplyShape) -> JSON? {
    var result = JSONObject()
    let live = live ?? JSONObject()
    let applied = applied ?? JSONObject()
    let changes = Dictionary(applied.members.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    var seen: Set<String> = []
    for member in live.members {
      seen.insert(member.key)
      let below = types.member(member.key, of: shape).shape
      if let value = merge(member.value, changes[member.key], below) {
        result.members.append(.init(key: member.key, value: value))
      }
    }
    for member in applied.members where !seen.contains(member.key) {
      if let value = merge(nil, member.value, types.member(member.key, of: shape).shape) {
        result.members.append(.init(key: member.key, value: value))
      }
    }
    return result.isEmpty ? nil : .object(result)
  }

  /// What only the live list has keeps its place; what both have comes in the applied order.
  private func list(_ live: [JSON], _ applied: [JSON], _ shape: ApplyShape) -> JSON? {
    let below = ApplyTypes.elementShape(shape)
    let left = live.map { try? ApplyTypes.element(of: $0, in: shape) }
    let right = applied.compactMap { try? ApplyTypes.element(of: $0, in: shape) }
    guard right.count == applied.count else { return .array(live) }
    // A live element that occurs twice is not merged with: the applied one takes the place of both.
    var liveItems: [PathElement: JSON] = [:]
    for (element, item) in zip(left, live) {
      guard let element else { continue }
      liveItems[element] = liveItems[element] == nil ? item : .null
    }
    let appliedElements = Set(right)
    var shared = right.filter { liveItems[$0] != nil }[...]
    var merged: Set<PathElement> = []
    var result: [JSON] = []
    var place = 0
    var next = 0
    func take() {
      let element = right[next]
      merged.insert(element)
      if let value = merge(liveItems[element], applied[next], below) { result.append(value) }
      if shared.first == element { shared = shared.dropFirst() }
      next += 1
    }
    while place < left.count || next < right.count {
      guard place < left.count else {
        take()
        continue
      }
      guard let element = left[place], appliedElements.contains(element) else {
        result.append(live[place])
        place += 1
        continue
      }
      if next < right.count, element == right[next] {
        place += 1
        take()
      } else if merged.contains(element) {
        place += 1
      } else if next < right.count, let wanted = shared.first, wanted != element {
        place += 1
      } else {
        take()
      }
    }
    return result.isEmpty ? nil : .array(result)
  }

  /// Without the items of a set. What is emptied by that becomes null.
  func remove(_ items: FieldSet, from value: JSON, _ shape: ApplyShape) -> JSON {
    guard !items.isEmpty else { return value }
    switch (ApplyForm(shape, value), value) {
    case (.object, .object(let object)):
      var result = JSONObject()
      for member in object.members {
        let (element, below, _) = types.member(member.key, of: shape)
        let node = items.node(element)
        if node?.isMember == true { continue }
        let left = node.map { remove($0.children, from: member.value, below) } ?? member.value
        result.members.append(.init(key: member.key, value: left))
      }
      return result.isEmpty ? .null : .object(result)
    case (.list, .array(let elements)):
      let below = ApplyTypes.elementShape(shape)
      var result: [JSON] = []
      for item in elements {
        guard let element = try? ApplyTypes.element(of: item, in: shape), let node = items.node(element) else {
          result.append(item)
          continue
        }
        if node.isMember { continue }
        result.append(remove(node.children, from: item, below))
      }
      return result.isEmpty ? .null : .array(result)
    case (.leaf, .object), (.leaf, .array): return .null
    default: return value
    }
  }
}

extension JSON {
  fileprivate var isHollow: Bool {
    switch self {
    case .null: true
    case .object(let object): object.isEmpty
    case .array(let elements): elements.isEmpty
    default: false
    }
  }
}

extension JSON? {
  fileprivate var isHollowOrMissing: Bool { self?.isHollow ?? true }
}
