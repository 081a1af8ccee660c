import JSONTree

/// Checks an applied configuration against the schema as upstream does before it merges: unknown fields, wrong types,
/// elements without keys or with the same ones.
struct ApplyValidation {
  let types: ApplyTypes
  private(set) var faults: [String] = []
  private var path: [PathElement] = []

  init(_ types: ApplyTypes) { self.types = types }

  /// All faults as one text, as upstream lists them; `nil` where there are none.
  static func fault(of value: JSON, _ kind: ResourceKind, _ types: ApplyTypes) -> String? {
    guard let schema = SchemaRegistry.shared.schema(for: kind) else { return nil }
    var validation = ApplyValidation(types)
    validation.visit(value, .message(schema.name), types.shape(of: kind))
    switch validation.faults.count {
    case 0: return nil
    case 1: return validation.faults[0]
    default: return "errors:\n" + validation.faults.map { "  \($0)" }.joined(separator: "\n")
    }
  }

  private mutating func complain(_ what: String) {
    faults.append("\(path.map(\.description).joined()): \(what)")
  }

  private mutating func visit(_ value: JSON, _ type: FieldType, _ shape: ApplyShape) {
    if value.isNull { return }
    switch type {
    case .message(let name): visitMessage(value, name, shape)
    case .map(let element):
      guard case .object(let object) = value else { return mismatch(value, "map") }
      var below = ApplyShape.leaf
      if case .map(let inner) = shape { below = inner }
      for member in object.members {
        path.append(.member(member.key))
        visit(member.value, element, below)
        path.removeLast()
      }
    case .list(let element): visitList(value, element, shape)
    case .strings: visitList(value, .string, .leaf)
    case .string, .bytes, .time, .microTime:
      if value.string == nil { complain("expected string, got \(Self.shown(value))") }
    case .int32, .int64, .double:
      switch value {
      case .int, .double: break
      default: complain("expected numeric (int or float), got \(Self.goType(value))")
      }
    case .bool: if value.bool == nil { complain("expected boolean, got \(Self.shown(value))") }
    case .quantity, .intOrString:
      if value.object != nil || value.array != nil { complain("expected any scalar, got \(Self.shown(value))") }
    case .raw, .fields: break
    }
  }

  private mutating func visitMessage(_ value: JSON, _ name: String, _ shape: ApplyShape) {
    guard case .object(let object) = value else { return mismatch(value, "map") }
    guard let message = SchemaRegistry.shared.message(name) else { return }
    for member in object.members {
      path.append(.member(member.key))
      defer { path.removeLast() }
      guard let field = message[member.key] else {
        complain("field not declared in schema")
        continue
      }
      visit(member.value, field.type, types.member(member.key, of: shape).shape)
    }
  }

  private mutating func visitList(_ value: JSON, _ element: FieldType, _ shape: ApplyShape) {
    guard case .array(let items) = value else { return mismatch(value, "list") }
    var seen: Set<PathElement> = []
    for (index, item) in items.enumerated() {
      var step = PathElement.index("i:\(index)", index)
      switch shape {
      case .set, .keyed:
        do {
          step = try ApplyTypes.element(of: item, in: shape)
        } catch {
          complain("element \(index): \(error.message)")
          return
        }
        if !seen.insert(step).inserted { complain("duplicate entries for key \(step)") }
      default: break
      }
      path.append(step)
      visit(item, element, ApplyTypes.elementShape(shape))
      path.removeLast()
    }
  }

  private mutating func mismatch(_ value: JSON, _ wanted: String) {
    complain("expected \(wanted), got &{\(Self.shown(value))}")
  }

  /// As Go prints a value in these messages.
  private static func shown(_ value: JSON) -> String {
    switch value {
    case .string(let text): text
    case .object(let object):
      "map[\(object.members.sorted { $0.key < $1.key }.map { "\($0.key):\(shown($0.value))" }.joined(separator: " "))]"
    case .array(let items): "[\(items.map(shown).joined(separator: " "))]"
    default: value.description
    }
  }

  private static func goType(_ value: JSON) -> String {
    switch value {
    case .string: "string"
    case .bool: "bool"
    case .object: "map[string]interface {}"
    case .array: "[]interface {}"
    default: value.description
    }
  }
}
