/// A JSON value. Objects keep the order of their members.
///
/// Integers that fit 64 bits are `int`; every other number is `double`, as Kubernetes reads them.
package enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

extension JSON {
  package var isNull: Bool { if case .null = self { true } else { false } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  /// An integer, also where it was written with a fraction of zero.
  package var int: Int64? {
    switch self {
    case .int(let value): value
    case .double(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// The elements of an array; empty for anything else. For walking lists that may be missing.
  package var items: [JSON] { array ?? [] }

  /// The word error messages use for the value's type.
  package var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int, .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// The member `key` of an object; `nil` where it is missing, null or this is no object.
  /// Setting turns null into an object; setting `nil` removes the member.
  package subscript(_ key: String) -> JSON? {
    get {
      guard case .object(let object) = self, let value = object[key], !value.isNull else { return nil }
      return value
    }
    set {
      var object: JSONObject
      if case .object(let existing) = self { object = existing } else { object = JSONObject() }
      self = .null  // Gives up the reference, so that the change below happens in place.
      object[key] = newValue
      self = .object(object)
    }
  }

  /// The value at the end of a path of member names.
  package subscript(path keys: String...) -> JSON? {
    get { self[path: keys] }
    set { self[path: keys] = newValue }
  }

  package subscript(path keys: some Collection<String>) -> JSON? {
    get {
      var value = self
      for key in keys {
        guard let next = value[key] else { return nil }
        value = next
      }
      return value
    }
    set {
      guard let first = keys.first else {
        self = newValue ?? .null
        return
      }
      if keys.count == 1 {
        self[first] = newValue
      } else if newValue != nil || self[first] != nil {
        var child = self[first] ?? .object([:])
        self[first] = .null
        child[path: keys.dropFirst()] = newValue
        self[first] = child
      }
    }
  }
}

// `nil` is no literal of it: in `isSame ? nil : tree` it would be taken for null, where no value at all is meant.
extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(JSONObject(members: elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
  }
}

extension JSON: CustomStringConvertible {
  /// Compact JSON text.
  package var description: String { String(decoding: encoded(), as: UTF8.self) }
}
