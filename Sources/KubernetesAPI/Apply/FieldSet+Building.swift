import JSONTree

/// The sets that objects make up.
extension FieldSet {
  /// What an applied configuration names: its leaves, the elements of its lists and its empty maps.
  init(of value: JSON, _ shape: ApplyShape, _ types: ApplyTypes) {
    self.init(nodes: Self.children(of: value, shape, types))
  }

  private static func children(of value: JSON, _ shape: ApplyShape, _ types: ApplyTypes) -> [Node] {
    switch (ApplyForm(shape, value), value) {
    case (.object, .object(let object)):
      var nodes: [Node] = []
      nodes.reserveCapacity(object.count)
      for member in object.members {
        let (element, below, isNamed) = types.member(member.key, of: shape)
        var isMember = !isNamed || member.value.isNull || ApplyForm(below, member.value) == .leaf
        if case .object(let inner) = member.value, inner.isEmpty { isMember = true }
        append(element, isMember: isMember, of: member.value, below, types, to: &nodes)
      }
      return nodes
    case (.list, .array(let items)):
      let below = ApplyTypes.elementShape(shape)
      var nodes: [Node] = []
      nodes.reserveCapacity(items.count)
      for item in items {
        guard let element = try? ApplyTypes.element(of: item, in: shape) else { continue }
        append(element, isMember: true, of: item, below, types, to: &nodes)
      }
      return withoutRepetitions(nodes)
    default: return []
    }
  }

  private static func append(
    _ element: PathElement, isMember: Bool, of value: JSON, _ shape: ApplyShape, _ types: ApplyTypes,
    to nodes: inout [Node]
  ) {
    let children = ApplyForm(shape, value) == .leaf ? FieldSet() : FieldSet(nodes: children(of: value, shape, types))
    guard isMember || !children.isEmpty else { return }
    nodes.append(Node(element: element, isMember: isMember, children: children))
  }

  /// Elements that occur more than once in a list are one in a set.
  private static func withoutRepetitions(_ nodes: [Node]) -> [Node] {
    var places: [PathElement: Int] = [:]
    places.reserveCapacity(nodes.count)
    var result: [Node] = []
    result.reserveCapacity(nodes.count)
    for node in nodes {
      if let place = places[node.element] {
        result[place].children = result[place].children.union(node.children)
      } else {
        places[node.element] = result.count
        result.append(node)
      }
    }
    return result
  }

  /// With the named fields of objects made members wherever something below them is in the set.
  func ensuringNamedMembers(_ shape: ApplyShape, _ types: ApplyTypes) -> FieldSet {
    FieldSet(
      nodes: nodes.map { node in
        guard !node.children.isEmpty else { return node }
        var node = node
        var below = ApplyTypes.elementShape(shape)
        if let name = node.element.name {
          let member = types.member(String(name), of: shape)
          below = member.shape
          if member.isNamed { node.isMember = true }
        }
        node.children = node.children.ensuringNamedMembers(below, types)
        return node
      })
  }
}
