import JSONTree

/// Which fields differ between two states of an object.
struct FieldComparison {
  private(set) var removed = FieldSet()
  private(set) var modified = FieldSet()
  private(set) var added = FieldSet()

  private typealias Parts = (removed: [FieldSet.Node], modified: [FieldSet.Node], added: [FieldSet.Node])

  /// - Parameter old: `nil` stands for an object that is not there yet.
  init(from old: JSON?, to new: JSON, _ shape: ApplyShape, _ types: ApplyTypes) {
    var walk = Walk(types: types)
    var parts: Parts = ([], [], [])
    walk.members(old ?? [:], new, shape, &parts)
    removed = FieldSet(nodes: parts.removed)
    modified = FieldSet(nodes: parts.modified)
    added = FieldSet(nodes: parts.added)
  }

  var isSame: Bool { removed.isEmpty && modified.isEmpty && added.isEmpty }

  /// Without what lies at or below the fields of a set.
  func without(_ fields: FieldSet) -> FieldComparison {
    if fields.isEmpty { return self }
    var result = self
    result.removed = removed.subtractingTrees(fields)
    result.modified = modified.subtractingTrees(fields)
    result.added = added.subtractingTrees(fields)
    return result
  }

  private struct Walk {
    let types: ApplyTypes

    /// Above this many members a look-up table pays.
    private static let linearLimit = 16

    mutating func members(_ old: JSON, _ new: JSON, _ shape: ApplyShape, _ parts: inout Parts) {
      let left = old.object ?? JSONObject()
      let right = new.object ?? JSONObject()
      let isOld = old.object != nil
      let isNew = new.object != nil
      let leftNames = Names(left)
      let rightNames = Names(right)
      for member in right.members {
        let before = leftNames[member.key, left]
        if let before, before == member.value { continue }
        visit(member.key, before, member.value, isOld: isOld, isNew: isNew, shape, &parts)
      }
      for member in left.members where rightNames[member.key, right] == nil {
        visit(member.key, member.value, nil, isOld: isOld, isNew: isNew, shape, &parts)
      }
    }

    private struct Names {
      private let places: [String: Int]?

      init(_ object: JSONObject) {
        places =
          object.count <= Walk.linearLimit
          ? nil
          : Dictionary(object.members.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
      }

      subscript(_ name: String, _ object: JSONObject) -> JSON? {
        guard let places else { return object[name] }
        return places[name].map { object.members[$0].value }
      }
    }

    private mutating func visit(
      _ name: String, _ old: JSON?, _ new: JSON?, isOld: Bool, isNew: Bool, _ shape: ApplyShape, _ parts: inout Parts
    ) {
      var placeholder: JSON?
      let element: PathElement
      let below: ApplyShape
      if case .message(let position) = shape, let field = types.messages[position][name] {
        (element, below, placeholder) = (field.element, field.shape, field.placeholder)
      } else {
        (element, below, _) = types.member(name, of: shape)
      }
      compare(
        element, old ?? (isOld ? placeholder : nil), new ?? (isNew ? placeholder : nil), below, &parts)
    }

    /// One value; at least one of the two is there.
    private mutating func compare(
      _ element: PathElement, _ old: JSON?, _ new: JSON?, _ shape: ApplyShape, _ parts: inout Parts
    ) {
      let oldForm = old.map { ApplyForm(shape, $0) }
      let newForm = new.map { ApplyForm(shape, $0) }
      var isLeaf = oldForm == .leaf || newForm == .leaf || (old.isHollow && new.isHollow)
      if let oldForm, let newForm, oldForm != newForm { isLeaf = true }
      guard !isLeaf else {
        let node = FieldSet.Node(element: element, isMember: true, children: FieldSet())
        if old == nil {
          parts.added.append(node)
        } else if new == nil {
          parts.removed.append(node)
        } else if old != new {
          parts.modified.append(node)
        }
        return
      }
      var below: Parts = ([], [], [])
      if (newForm ?? oldForm) == .list {
        items(old?.items ?? [], new?.items ?? [], shape, &below)
      } else {
        members(old ?? .null, new ?? .null, shape, &below)
      }
      Self.add(element, below.removed, isMember: new == nil, to: &parts.removed)
      Self.add(element, below.modified, isMember: false, to: &parts.modified)
      Self.add(element, below.added, isMember: old == nil, to: &parts.added)
    }

    private static func add(
      _ element: PathElement, _ below: [FieldSet.Node], isMember: Bool, to nodes: inout [FieldSet.Node]
    ) {
      guard isMember || !below.isEmpty else { return }
      nodes.append(FieldSet.Node(element: element, isMember: isMember, children: FieldSet(nodes: below)))
    }

    private mutating func items(_ old: [JSON], _ new: [JSON], _ shape: ApplyShape, _ parts: inout Parts) {
      if old == new { return }
      var order: [PathElement] = []
      var found: [PathElement: (old: [JSON], new: [JSON])] = [:]
      found.reserveCapacity(max(old.count, new.count))
      for item in old {
        guard let element = try? ApplyTypes.element(of: item, in: shape) else { continue }
        if found[element] == nil { order.append(element) }
        found[element, default: ([], [])].old.append(item)
      }
      for item in new {
        guard let element = try? ApplyTypes.element(of: item, in: shape) else { continue }
        if found[element] == nil { order.append(element) }
        found[element, default: ([], [])].new.append(item)
      }
      let below = ApplyTypes.elementShape(shape)
      for element in order {
        guard let (left, right) = found[element], left != right else { continue }
        compareRepeated(element, left, right, below, &parts)
      }
    }

    /// Elements of one key are a leaf together where there are several of them.
    private mutating func compareRepeated(
      _ element: PathElement, _ old: [JSON], _ new: [JSON], _ shape: ApplyShape, _ parts: inout Parts
    ) {
      let node = FieldSet.Node(element: element, isMember: true, children: FieldSet())
      switch (old.count, new.count) {
      case (...1, ...1): compare(element, old.first, new.first, shape, &parts)
      case (2..., 2...): parts.modified.append(node)
      case (2..., _):
        if let first = new.first { compare(element, nil, first, shape, &parts) }
        parts.removed.append(node)
      default:
        if let first = old.first { compare(element, first, nil, shape, &parts) }
        parts.added.append(node)
      }
    }
  }
}

extension JSON? {
  /// Missing, null or empty.
  fileprivate var isHollow: Bool {
    switch self {
    case nil, .null?: true
    case .object(let object)?: object.isEmpty
    case .array(let elements)?: elements.isEmpty
    default: false
    }
  }
}
