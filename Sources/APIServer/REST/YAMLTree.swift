import JSONTree
import Yams

/// YAML documents as JSON trees, with YAML 1.1's plain scalars read as Go's yaml library reads them.
enum YAMLTree {
  private static let maximumDepth = 512
  /// How many nodes the aliases of a document may add, as in Go's yaml library.
  private static let maximumAliased = 400_000

  /// - Parameter length: The text's length in bytes; it has not more nodes of its own.
  static func json(_ node: Node, length: Int) throws(APIStatus) -> JSON {
    var budget = length + maximumAliased
    return try json(node, depth: 0, budget: &budget)
  }

  private static func json(_ node: Node, depth: Int, budget: inout Int) throws(APIStatus) -> JSON {
    guard depth < maximumDepth else { throw .badRequest("the YAML document is nested deeper than \(maximumDepth)") }
    budget -= 1
    guard budget >= 0 else {
      throw .badRequest("error converting YAML to JSON: yaml: document contains excessive aliasing")
    }
    switch node {
    case .mapping(let mapping):
      var object = JSONObject()
      for (key, value) in mapping {
        guard let name = key.scalar?.string else { throw .badRequest("YAML: member names must be scalars") }
        object[name] = try json(value, depth: depth + 1, budget: &budget)
      }
      return .object(object)
    case .sequence(let sequence):
      var items: [JSON] = []
      for item in sequence { items.append(try json(item, depth: depth + 1, budget: &budget)) }
      return .array(items)
    case .scalar(let scalar): return value(of: scalar)
    case .alias: throw .badRequest("YAML: aliases to anchors that are not defined")
    }
  }

  private static func value(of scalar: Node.Scalar) -> JSON {
    let text = scalar.string
    guard scalar.style == .any || scalar.style == .plain else { return .string(text) }
    if scalar.tag.description == Tag.Name.str.rawValue { return .string(text) }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
    default: return number(text) ?? .string(text)
    }
  }

  private static func number(_ text: String) -> JSON? {
    guard let first = text.utf8.first, (0x30...0x39).contains(first) || "+-.".utf8.contains(first) else { return nil }
    let unsigned = text.hasPrefix("+") ? String(text.dropFirst()) : text
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where unsigned.hasPrefix(prefix) {
      return Int64(unsigned.dropFirst(2), radix: radix).map { .int($0) }
    }
    if unsigned.utf8.count > 1, unsigned.hasPrefix("0"), unsigned.utf8.allSatisfy({ (0x30...0x37).contains($0) }) {
      return Int64(unsigned, radix: 8).map { .int($0) }
    }
    if let integer = Int64(unsigned) { return .int(integer) }
    guard unsigned.utf8.allSatisfy({ (0x30...0x39).contains($0) || ".eE+-".utf8.contains($0) }),
      let double = Double(unsigned), double.isFinite
    else { return nil }
    return .double(double)
  }
}
