/// A set of fields of an object, as managers own them: a tree of path elements, each of which may be a member itself.
package struct FieldSet: Sendable, Hashable {
  struct Node: Sendable, Hashable {
    var element: PathElement
    /// The element is in the set; else only something below it is.
    var isMember: Bool
    var children: FieldSet
  }

  /// Sorted by element; none without members.
  private(set) var nodes: [Node]

  package init() { nodes = [] }

  /// From nodes in any order, of different elements.
  init(nodes: [Node]) {
    self.nodes = nodes
    for index in nodes.indices.dropFirst() where nodes[index].element < nodes[index - 1].element {
      self.nodes.sort { $0.element < $1.element }
      return
    }
  }

  /// The set of single paths of member names.
  package init(paths: [[String]]) {
    self.init()
    for path in paths { insert(path.map { .member($0) }[...]) }
  }

  package var isEmpty: Bool { nodes.isEmpty }

  mutating func insert(_ path: ArraySlice<PathElement>) {
    guard let first = path.first else { return }
    var place = nodes.startIndex
    while place < nodes.endIndex, nodes[place].element < first { place += 1 }
    if place == nodes.endIndex || nodes[place].element != first {
      nodes.insert(Node(element: first, isMember: false, children: FieldSet()), at: place)
    }
    if path.count == 1 { nodes[place].isMember = true } else { nodes[place].children.insert(path.dropFirst()) }
  }

  func node(_ element: PathElement) -> Node? {
    var low = 0
    var high = nodes.count
    while low < high {
      let middle = (low + high) / 2
      let order = nodes[middle].element.compared(to: element)
      if order == 0 { return nodes[middle] }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// Calls `body` with every path in the set: at each level the members first, then what lies below.
  func forEach(_ body: ([PathElement]) -> Void) {
    var path: [PathElement] = []
    visit(&path, body)
  }

  private func visit(_ path: inout [PathElement], _ body: ([PathElement]) -> Void) {
    for node in nodes where node.isMember { body(path + [node.element]) }
    for node in nodes where !node.children.isEmpty {
      path.append(node.element)
      node.children.visit(&path, body)
      path.removeLast()
    }
  }

  /// Every path as text, for tests and messages.
  package var paths: [String] {
    var paths: [String] = []
    forEach { paths.append($0.map(\.description).joined()) }
    return paths
  }
}

/// The algebra: each operation passes once over both sets.
extension FieldSet {
  package func union(_ other: FieldSet) -> FieldSet {
    if other.isEmpty { return self }
    if isEmpty { return other }
    return combined(with: other, keepsLeft: true, keepsRight: true) { left, right in
      Node(
        element: left.element, isMember: left.isMember || right.isMember,
        children: left.children.union(right.children))
    }
  }

  package func intersection(_ other: FieldSet) -> FieldSet {
    if isEmpty || other.isEmpty { return FieldSet() }
    return combined(with: other, keepsLeft: false, keepsRight: false) { left, right in
      Node(
        element: left.element, isMember: left.isMember && right.isMember,
        children: left.children.intersection(right.children))
    }
  }

  /// Without the other set's members. What lies below such a member stays.
  package func subtracting(_ other: FieldSet) -> FieldSet {
    if isEmpty || other.isEmpty { return self }
    return combined(with: other, keepsLeft: true, keepsRight: false) { left, right in
      Node(
        element: left.element, isMember: left.isMember && !right.isMember,
        children: left.children.subtracting(right.children))
    }
  }

  /// Without the other set's members and all that lies below them.
  package func subtractingTrees(_ other: FieldSet) -> FieldSet {
    if isEmpty || other.isEmpty { return self }
    return combined(with: other, keepsLeft: true, keepsRight: false) { left, right in
      right.isMember
        ? Node(element: left.element, isMember: false, children: FieldSet())
        : Node(
          element: left.element, isMember: left.isMember, children: left.children.subtractingTrees(right.children))
    }
  }

  private func combined(
    with other: FieldSet, keepsLeft: Bool, keepsRight: Bool, _ both: (Node, Node) -> Node
  ) -> FieldSet {
    var result = FieldSet()
    result.nodes.reserveCapacity(nodes.count)
    var left = 0
    var right = 0
    while left < nodes.count, right < other.nodes.count {
      let order = nodes[left].element.compared(to: other.nodes[right].element)
      if order < 0 {
        if keepsLeft { result.nodes.append(nodes[left]) }
        left += 1
      } else if order > 0 {
        if keepsRight { result.nodes.append(other.nodes[right]) }
        right += 1
      } else {
        let node = both(nodes[left], other.nodes[right])
        if node.isMember || !node.children.isEmpty { result.nodes.append(node) }
        left += 1
        right += 1
      }
    }
    if keepsLeft { result.nodes += nodes[left...] }
    if keepsRight { result.nodes += other.nodes[right...] }
    return result
  }
}
