package import JSONTree

/// A set of the fields of an object, as `fieldsV1` in `metadata.managedFields` writes it: a tree whose nodes are path
/// elements (`f:NAME`, `k:{KEYS}`, `v:VALUE`).
///
/// Source: the field sets of Kubernetes' server-side apply.
package struct FieldSet: Hashable, Sendable {
  package struct Child: Hashable, Sendable {
    package let element: String
    package var set: FieldSet

    package init(element: String, set: FieldSet) {
      self.element = element
      self.set = set
    }
  }

  /// Whether the field at this node itself belongs to the set.
  package var isMember: Bool
  /// In order of their elements.
  package private(set) var children: [Child]

  package init(isMember: Bool = false, children: [Child] = []) {
    self.isMember = isMember
    self.children = children
  }

  package static let leaf = FieldSet(isMember: true)

  package var isEmpty: Bool { !isMember && children.isEmpty }

  /// Takes children in any order, without those that are empty.
  static func node(isMember: Bool = false, _ children: [Child]) -> FieldSet {
    var kept = children.filter { !$0.set.isEmpty }
    for index in kept.indices.dropFirst() where kept[index].element <= kept[index - 1].element {
      kept.sort { $0.element < $1.element }
      break
    }
    // The same element twice: a list may hold one key several times.
    var merged: [Child] = []
    for child in kept {
      if merged.last?.element == child.element {
        merged[merged.count - 1].set.formUnion(child.set)
      } else {
        merged.append(child)
      }
    }
    return FieldSet(isMember: isMember, children: merged)
  }

  package subscript(_ element: String) -> FieldSet? {
    var (low, high) = (0, children.count)
    while low < high {
      let middle = (low + high) / 2
      if children[middle].element < element { low = middle + 1 } else { high = middle }
    }
    return low < children.count && children[low].element == element ? children[low].set : nil
  }
}

// MARK: Algebra

extension FieldSet {
  package mutating func formUnion(_ other: FieldSet) { self = union(other) }

  package func union(_ other: FieldSet) -> FieldSet {
    if other.isEmpty { return self }
    if isEmpty { return other }
    return combined(with: other, isMember: isMember || other.isMember) { left, right in
      switch (left, right) {
      case (let left?, let right?): left.union(right)
      case (let left?, nil): left
      case (nil, let right): right ?? FieldSet()
      }
    }
  }

  package func intersection(_ other: FieldSet) -> FieldSet {
    if isEmpty || other.isEmpty { return FieldSet() }
    return combined(with: other, isMember: isMember && other.isMember) { left, right in
      guard let left, let right else { return FieldSet() }
      return left.intersection(right)
    }
  }

  /// The fields that are not in `other`.
  package func subtracting(_ other: FieldSet) -> FieldSet {
    if isEmpty || other.isEmpty { return self }
    return combined(with: other, isMember: isMember && !other.isMember) { left, right in
      guard let left else { return FieldSet() }
      return right.map(left.subtracting) ?? left
    }
  }

  /// The fields that are neither in `other` nor below one of its members.
  package func subtractingAll(below other: FieldSet) -> FieldSet {
    if other.isMember { return FieldSet() }
    if isEmpty || other.isEmpty { return self }
    return combined(with: other, isMember: isMember) { left, right in
      guard let left else { return FieldSet() }
      return right.map(left.subtractingAll(below:)) ?? left
    }
  }

  /// Walks the children of both in their order.
  private func combined(
    with other: FieldSet, isMember: Bool, _ combine: (FieldSet?, FieldSet?) -> FieldSet
  ) -> FieldSet {
    var result: [Child] = []
    var (left, right) = (children.startIndex, other.children.startIndex)
    while left < children.endIndex || right < other.children.endIndex {
      let one = left < children.endIndex ? children[left] : nil
      let two = right < other.children.endIndex ? other.children[right] : nil
      let element: String
      let set: FieldSet
      if let one, two.map({ one.element < $0.element }) ?? true {
        (element, set) = (one.element, combine(one.set, nil))
        left += 1
      } else if let two, one.map({ two.element < $0.element }) ?? true {
        (element, set) = (two.element, combine(nil, two.set))
        right += 1
      } else {
        element = one?.element ?? ""
        set = combine(one?.set, two?.set)
        left += 1
        right += 1
      }
      if !set.isEmpty { result.append(Child(element: element, set: set)) }
    }
    return FieldSet(isMember: isMember, children: result)
  }
}

// MARK: JSON

extension FieldSet {
  /// Reads `fieldsV1`. `nil` where it is no tree of objects.
  package init?(fieldsV1 json: JSON, depth: Int = 0) {
    guard case .object(let object) = json, depth < 200 else { return nil }
    var isMember = false
    var children: [Child] = []
    children.reserveCapacity(object.count)
    for member in object.members {
      if member.key == "." {
        isMember = true
      } else if case .object(let content) = member.value, content.isEmpty {
        children.append(Child(element: member.key, set: .leaf))
      } else {
        guard let set = FieldSet(fieldsV1: member.value, depth: depth + 1) else { return nil }
        children.append(Child(element: member.key, set: set))
      }
    }
    self = .node(isMember: isMember, children)
  }

  /// The value of `fieldsV1`.
  package var fieldsV1: JSON {
    var object = JSONObject()
    object.members.reserveCapacity(children.count + 1)
    if isMember, !children.isEmpty { object.members.append(.init(key: ".", value: [:])) }
    for child in children { object.members.append(.init(key: child.element, value: child.set.fieldsV1)) }
    return .object(object)
  }
}

// MARK: Text

extension FieldSet {
  /// The paths of the members, as messages name them: `.spec.template.spec.containers[name="web"].image`.
  package var paths: [String] {
    var result: [String] = []
    collect("", into: &result)
    return result
  }

  private func collect(_ path: String, into result: inout [String]) {
    if isMember { result.append(path) }
    for child in children { child.set.collect(path + Self.text(of: child.element), into: &result) }
  }

  private static func text(of element: String) -> String {
    let content = element.dropFirst(2)
    switch element.prefix(2) {
    case "f:": return ".\(content)"
    case "v:": return "[=\(content)]"
    case "i:": return "[\(content)]"
    case "k:":
      let keys = (try? JSON.parse(content.utf8))?.object?.members ?? []
      return "[" + keys.map { "\($0.key)=\($0.value)" }.joined(separator: ",") + "]"
    default: return ".\(element)"
    }
  }
}
