import JSONTree

/// One step of a path into an object, as field sets name it (structured-merge-diff's `fieldpath`).
///
/// Every case holds the text it has in a `fieldsV1` set: `f:replicas`, `k:{"name":"web"}`, `v:"finalizer"`, `i:0`.
enum PathElement: Sendable {
  /// A member of an object.
  case field(String)
  /// An element of a list of objects, known by the values of its keys, which are sorted by name.
  case key(String, [JSONObject.Member])
  /// An element of a list of scalars that is its own key.
  case value(String, JSON)
  /// A position in a list.
  case index(String, Int)

  static func member(_ name: String) -> PathElement { .field("f:" + name) }

  static func keys(_ keys: [JSONObject.Member]) -> PathElement {
    var sorted = keys
    if sorted.count > 1 { sorted.sort { $0.key < $1.key } }
    return .key(text("k:", .object(JSONObject(members: sorted))), sorted)
  }

  static func value(_ value: JSON) -> PathElement { .value(text("v:", value), value) }

  private static func text(_ prefix: String, _ value: JSON) -> String {
    var writer = JSONWriter(reservingCapacity: 64)
    writer.writeRaw(prefix.utf8)
    writer.write(value)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The element that a text in a set stands for; `nil` for a text that is none.
  init?(text: String) {
    let bytes = text.utf8
    guard let kind = bytes.first, bytes.dropFirst().first == UInt8(ascii: ":") else { return nil }
    switch kind {
    case UInt8(ascii: "f"): self = .field(text)
    case UInt8(ascii: "k"):
      guard case .object(let object)? = try? JSON.parse(bytes.dropFirst(2)) else { return nil }
      self = .keys(object.members)
    case UInt8(ascii: "v"):
      guard let value = try? JSON.parse(bytes.dropFirst(2)) else { return nil }
      self = .value(value)
    case UInt8(ascii: "i"):
      guard let index = Int(text.dropFirst(2)) else { return nil }
      self = .index("i:\(index)", index)
    default: return nil
    }
  }

  /// As in a `fieldsV1` set.
  var text: String {
    switch self {
    case .field(let text), .key(let text, _), .value(let text, _), .index(let text, _): text
    }
  }

  /// The member's name, of a field.
  var name: Substring? { if case .field(let text) = self { text.dropFirst(2) } else { nil } }

  private var rank: Int {
    switch self {
    case .field: 0
    case .key: 1
    case .value: 2
    case .index: 3
    }
  }
}

extension PathElement: Hashable, Comparable {
  static func == (left: PathElement, right: PathElement) -> Bool { left.text == right.text }

  func hash(into hasher: inout Hasher) { hasher.combine(text) }

  /// Upstream's order: fields by name, then keys by their values, then values, then positions.
  static func < (left: PathElement, right: PathElement) -> Bool { left.compared(to: right) < 0 }

  func compared(to other: PathElement) -> Int {
    switch (self, other) {
    case (.field(let left), .field(let right)): return left == right ? 0 : left < right ? -1 : 1
    case (.key(_, let left), .key(_, let right)): return Self.compare(left, right)
    case (.value(_, let left), .value(_, let right)): return left.ordered(against: right)
    case (.index(_, let left), .index(_, let right)): return left - right
    default: return rank - other.rank
    }
  }

  private static func compare(_ left: [JSONObject.Member], _ right: [JSONObject.Member]) -> Int {
    for (one, other) in zip(left, right) {
      if one.key != other.key { return one.key < other.key ? -1 : 1 }
      let order = one.value.ordered(against: other.value)
      if order != 0 { return order }
    }
    return left.count - right.count
  }
}

extension PathElement: CustomStringConvertible {
  /// As messages write it: `.replicas`, `[name="web"]`, `[="finalizer"]`, `[0]`.
  var description: String {
    switch self {
    case .field(let text): ".\(text.dropFirst(2))"
    case .key(_, let keys): "[\(keys.map { "\($0.key)=\(Self.shown($0.value))" }.joined(separator: ","))]"
    case .value(_, let value): "[=\(Self.shown(value))]"
    case .index(_, let index): "[\(index)]"
    }
  }

  private static func shown(_ value: JSON) -> String { value.string?.goQuoted ?? value.description }
}

extension JSON {
  /// The order upstream gives scalars: numbers, then texts, then booleans.
  fileprivate func ordered(against other: JSON) -> Int {
    switch (self, other) {
    case (.int(let left), .int(let right)): return left == right ? 0 : left < right ? -1 : 1
    case (.string(let left), .string(let right)): return left == right ? 0 : left < right ? -1 : 1
    case (.bool(let left), .bool(let right)): return left == right ? 0 : left ? 1 : -1
    default: break
    }
    if let left = number, let right = other.number { return left == right ? 0 : left < right ? -1 : 1 }
    return rank - other.rank
  }

  private var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  private var rank: Int {
    switch self {
    case .double, .int: 0
    case .string: 1
    case .bool: 2
    case .array: 3
    case .object: 4
    case .null: 5
    }
  }
}
