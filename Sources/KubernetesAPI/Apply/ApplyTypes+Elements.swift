import JSONTree

/// What a list's elements are known by.
extension ApplyTypes {
  /// Why an element has no key, as upstream words it.
  struct ElementFault: Error {
    let message: String
  }

  /// The path element of one element of a list with this shape.
  static func element(of item: JSON, in shape: ApplyShape) throws(ElementFault) -> PathElement {
    guard case .keyed(_, let keys) = shape else { return try setElement(item) }
    guard case .object(let object) = item else {
      throw ElementFault(
        message: item.isNull
          ? "associative list with keys may not have a null element"
          : "associative list with keys may not have non-map elements")
    }
    var members: [JSONObject.Member] = []
    members.reserveCapacity(keys.count)
    for key in keys {
      guard let value = object[key.name] ?? key.defaultValue else {
        throw ElementFault(
          message: "associative list with keys has an element that omits key field \(key.name.goQuoted) "
            + "(and doesn't have default value)")
      }
      members.append(.init(key: key.name, value: value))
    }
    return .keys(members)
  }

  private static func setElement(_ item: JSON) throws(ElementFault) -> PathElement {
    switch item {
    case .object: throw ElementFault(message: "associative list without keys has an element that's a map type")
    case .array: throw ElementFault(message: "not supported: associative list with lists as elements")
    case .null: throw ElementFault(message: "associative list without keys has an element that's an explicit null")
    default: return .value(item)
    }
  }

  /// What the elements of a list look like.
  static func elementShape(_ shape: ApplyShape) -> ApplyShape {
    if case .keyed(let element, _) = shape { element } else { .leaf }
  }

  /// What a member of an object looks like, and its path element.
  func member(_ name: String, of shape: ApplyShape) -> (element: PathElement, shape: ApplyShape, isNamed: Bool) {
    switch shape {
    case .message(let position):
      guard let field = messages[position][name] else { return (.member(name), .deduced, false) }
      return (field.element, field.shape, true)
    case .map(let element): return (.member(name), element, false)
    default: return (.member(name), .deduced, false)
    }
  }
}

/// How a value is walked, once both its shape and what it is are known.
enum ApplyForm {
  case leaf
  case object
  case list

  init(_ shape: ApplyShape, _ value: JSON) {
    switch shape {
    case .leaf: self = .leaf
    case .message, .map: self = .object
    case .set, .keyed: self = .list
    case .deduced: self = value.object == nil ? .leaf : .object
    }
  }
}
