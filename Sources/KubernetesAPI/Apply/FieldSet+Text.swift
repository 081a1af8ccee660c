package import JSONTree

/// The form sets have in `fieldsV1`.
extension FieldSet {
  /// Where a member of the set has other members below it, it is written as `"."` among them.
  private static let itself = "."

  package var json: JSON { .object(object(isMember: false)) }

  private func object(isMember: Bool) -> JSONObject {
    var object = JSONObject()
    guard !nodes.isEmpty else { return object }
    object.members.reserveCapacity(nodes.count + 1)
    if isMember { object.members.append(.init(key: Self.itself, value: .object(JSONObject()))) }
    for node in nodes {
      object.members.append(
        .init(key: node.element.text, value: .object(node.children.object(isMember: node.isMember))))
    }
    return object
  }

  /// Reads a set. `nil` for a tree that is none.
  package init?(json: JSON) {
    guard case .object(let object) = json, let (set, isMember) = Self.read(object), !isMember else { return nil }
    self = set
  }

  private static func read(_ object: JSONObject) -> (set: FieldSet, isMember: Bool)? {
    var nodes: [Node] = []
    nodes.reserveCapacity(object.count)
    var isMember = false
    for member in object.members {
      if member.key == itself {
        isMember = true
        continue
      }
      guard let element = PathElement(text: member.key) else { return nil }
      switch member.value {
      case .null: nodes.append(Node(element: element, isMember: true, children: FieldSet()))
      case .object(let below):
        guard let child = read(below) else { return nil }
        nodes.append(
          Node(element: element, isMember: child.isMember || child.set.isEmpty, children: child.set))
      default: return nil
      }
    }
    return (FieldSet(nodes: nodes), isMember)
  }
}
