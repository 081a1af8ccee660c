import JSONTree

/// One pass over a tree along its schema, changing it in place.
struct DecodingWalk {
  let registry: SchemaRegistry
  /// Whether members may be there twice and are to be complained of.
  let notesRepeated: Bool
  private(set) var complaints: [String] = []
  private var path: [Step] = []

  private enum Step {
    case member(String)
    case index(Int)
  }

  init(registry: SchemaRegistry, notesRepeated: Bool = false) {
    self.registry = registry
    self.notesRepeated = notesRepeated
  }

  mutating func visit(_ value: inout JSON, message: MessageSchema) throws(ObjectDecodingError) {
    guard case .object(var object) = value else { throw mismatch(value, type: .message(message.name)) }
    value = .null  // Gives up the reference, so that the members change in place.
    var keep = 0
    var seen: Set<String> = []
    for index in object.members.indices {
      let name = object.members[index].key
      guard let field = message[name] else {
        complaints.append("unknown field \"\(render(adding: name))\"")
        continue
      }
      note(name, in: &seen)
      if object.members[index].value.isNull { continue }
      path.append(.member(name))
      try visit(&object.members[index].value, type: field.type)
      path.removeLast()
      if keep != index { object.members.swapAt(keep, index) }
      keep += 1
    }
    if keep < object.members.count { object.members.removeSubrange(keep...) }
    value = .object(object)
  }

  private mutating func visit(_ value: inout JSON, type: FieldType) throws(ObjectDecodingError) {
    switch type {
    case .message(let name):
      guard let message = registry.message(name) else {
        throw ObjectDecodingError(message: "no schema is known for \(name)")
      }
      try visit(&value, message: message)
    case .list(let element): try visitList(&value, element: element)
    case .strings: try visitList(&value, element: .string)
    case .map(let element): try visitMap(&value, element: element)
    case .raw: break
    case .fields: guard case .object = value else { throw mismatch(value, type: type) }
    default: try ScalarDecoding.check(&value, type: type) { mismatch($0, type: type) }
    }
  }

  /// A null element stands for the element's empty value, as in Go.
  private mutating func visitList(_ value: inout JSON, element: FieldType) throws(ObjectDecodingError) {
    guard case .array(var elements) = value else { throw mismatch(value, type: .list(element)) }
    value = .null
    for index in elements.indices {
      path.append(.index(index))
      if elements[index].isNull { elements[index] = ScalarDecoding.emptyValue(element) }
      try visit(&elements[index], type: element)
      path.removeLast()
    }
    value = .array(elements)
  }

  private mutating func visitMap(_ value: inout JSON, element: FieldType) throws(ObjectDecodingError) {
    guard case .object(var object) = value else { throw mismatch(value, type: .map(element)) }
    value = .null
    var seen: Set<String> = []
    for index in object.members.indices {
      note(object.members[index].key, in: &seen)
      path.append(.member(object.members[index].key))
      if object.members[index].value.isNull { object.members[index].value = ScalarDecoding.emptyValue(element) }
      try visit(&object.members[index].value, type: element)
      path.removeLast()
    }
    value = .object(object)
  }

  private mutating func note(_ name: String, in seen: inout Set<String>) {
    guard notesRepeated, !seen.insert(name).inserted else { return }
    complaints.append("duplicate field \"\(render(adding: name))\"")
  }

  /// The path with list positions, as upstream's strict decoder writes it.
  private func render(adding name: String) -> String {
    var text = ""
    for step in path + [.member(name)] {
      switch step {
      case .member(let member): text += text.isEmpty ? member : ".\(member)"
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }

  /// Go's message for a value of the wrong type; it names the path without list positions.
  private func mismatch(_ value: JSON, type: FieldType) -> ObjectDecodingError {
    let found: String
    switch value {
    case .int(let number): found = "number \(number)"
    case .double(let number): found = "number \(number)"
    default: found = value.typeName
    }
    let wanted = ScalarDecoding.goName(type)
    let members = path.compactMap { step in if case .member(let name) = step { name } else { nil } }
    guard !members.isEmpty else {
      return ObjectDecodingError(message: "json: cannot unmarshal \(value.typeName) into Go value of type \(wanted)")
    }
    let isScalarNumber = wanted.hasPrefix("int") || wanted == "float64"
    return ObjectDecodingError(
      message: "json: cannot unmarshal \(isScalarNumber ? found : value.typeName) into Go struct field "
        + "\(members.joined(separator: ".")) of type \(wanted)")
  }
}
