import JSONTree

/// Walking a document by a JSON pointer, for patches.
extension JSON {
  /// Whether the pointer's last part stands in an object or an array that is there.
  func hasContainer(of pointer: JSONPointer) -> Bool {
    guard let container = try? value(at: pointer.tokens.dropLast()) else { return false }
    return container.object != nil || container.array != nil
  }

  func value(at pointer: JSONPointer) throws(KubernetesAPIError) -> JSON { try value(at: pointer.tokens[...]) }

  private func value(at tokens: ArraySlice<String>) throws(KubernetesAPIError) -> JSON {
    var value = self
    for token in tokens {
      switch value {
      case .object(let object):
        guard let member = object[token] else {
          throw .inapplicable("unable to get nonexistent key: \(token): missing value")
        }
        value = member
      case .array(let elements): value = elements[try Self.index(token, count: elements.count)]
      default: throw .inapplicable("unable to get nonexistent key: \(token): missing value")
      }
    }
    return value
  }

  /// RFC 6902's add: sets an object's member, or makes room in an array.
  mutating func insert(
    _ value: JSON, at pointer: JSONPointer, asAbsent absent: String, context: String
  ) throws(KubernetesAPIError) {
    if pointer.isRoot {
      self = value
      return
    }
    guard hasContainer(of: pointer), let last = pointer.tokens.last else { throw .missing(absent) }
    try change(pointer.tokens.dropLast()) { (container) throws(KubernetesAPIError) in
      if case .array(var elements) = container {
        let index =
          last == "-" ? elements.count : try Self.index(last, count: elements.count + 1, context: "\(context): ")
        container = .null
        elements.insert(value, at: index)
        container = .array(elements)
      } else {
        container.setMember(last, value)
      }
    }
  }

  /// Replaces a value that is there.
  mutating func setValue(_ value: JSON, at pointer: JSONPointer) throws(KubernetesAPIError) {
    guard let last = pointer.tokens.last else { return }
    try change(pointer.tokens.dropLast()) { (container) throws(KubernetesAPIError) in
      if case .array(var elements) = container {
        let index = try Self.index(last, count: elements.count)
        container = .null
        elements[index] = value
        container = .array(elements)
      } else {
        container.setMember(last, value)
      }
    }
  }

  mutating func removeValue(at pointer: JSONPointer, context: String) throws(KubernetesAPIError) {
    guard let last = pointer.tokens.last else { return }
    try change(pointer.tokens.dropLast()) { (container) throws(KubernetesAPIError) in
      switch container {
      case .array(var elements):
        let index = try Self.index(last, count: elements.count, context: "\(context): ")
        container = .null
        elements.remove(at: index)
        container = .array(elements)
      case .object(let object) where object[last] != nil: container.setMember(last, nil)
      default: throw .inapplicable("\(context): Unable to remove nonexistent key: \(last): missing value")
      }
    }
  }

  private mutating func setMember(_ key: String, _ value: JSON?) {
    guard case .object(var object) = self else { return }
    self = .null
    object[key] = value
    self = .object(object)
  }

  /// Changes the container at the end of a path that was checked before.
  private mutating func change(
    _ tokens: ArraySlice<String>, _ body: (inout JSON) throws(KubernetesAPIError) -> Void
  ) throws(KubernetesAPIError) {
    guard let first = tokens.first else { return try body(&self) }
    switch self {
    case .array(var elements):
      let index = try Self.index(first, count: elements.count)
      self = .null
      try elements[index].change(tokens.dropFirst(), body)
      self = .array(elements)
    case .object(var object):
      guard let index = object.index(of: first) else { throw .missing("doc is missing key: \(first)") }
      self = .null
      try object.members[index].value.change(tokens.dropFirst(), body)
      self = .object(object)
    default: throw .missing("doc is missing key: \(first)")
    }
  }

  /// An array index; negative ones count from the end, as in upstream's library.
  private static func index(
    _ token: String, count: Int, context: String = ""
  ) throws(KubernetesAPIError) -> Int {
    guard let number = Int(token) else {
      throw .inapplicable("\(context)strconv.Atoi: parsing \(token.goQuoted): invalid syntax")
    }
    let index = number < 0 ? number + count : number
    guard (0..<count).contains(index) else {
      throw .inapplicable("\(context)Unable to access invalid index: \(number): invalid index referenced")
    }
    return index
  }
}
