package import JSONTree
import KubernetesAPI
import Yams

/// A YAML document as a JSON tree, with YAML 1.1's plain scalars read as Go's yaml library reads them.
package struct YAMLTree {
  private static let maximumDepth = 512
  /// How many nodes the aliases of a document may add, as in Go's yaml library.
  private static let maximumAliased = 400_000
  /// Repeated member names are only made out in documents of this size, and so many of them.
  private static let maximumWithRepetitions = 256 * 1024
  private static let maximumRepetitions = 32
  /// Stands before a name that occurs again; nobody types it.
  private static let mark: Character = "\u{E000}"

  package private(set) var tree: JSON
  /// What Go's library says of repeated member names, line by line; the last value stays.
  private(set) var repetitions: [String] = []
  private var budget: Int

  package init(_ text: String) throws(APIStatus) {
    budget = text.utf8.count + Self.maximumAliased
    tree = .null
    guard let node = try Self.compose(text) else { throw .badRequest("the YAML document is empty") }
    tree = try json(node, depth: 0)
  }

  /// The parser refuses repeated names, so all but the last of them are given other ones first.
  private static func compose(_ text: String) throws(APIStatus) -> Node? {
    var text = text
    for attempt in 0... {
      do {
        return try Yams.compose(yaml: text)
      } catch YamlError.duplicatedKeysInMapping(_, let context)
        where attempt < maximumRepetitions && text.utf8.count <= maximumWithRepetitions
      {
        text = rename(text, line: context.mark.line, column: context.mark.column, number: attempt)
      } catch {
        throw .badRequest("error converting YAML to JSON: yaml: \(error)")
      }
    }
    return nil
  }

  private static func rename(_ text: String, line: Int, column: Int, number: Int) -> String {
    var scalars = Array(text.unicodeScalars)
    var place = 0
    var current = 1
    while place < scalars.count, current < line {
      if scalars[place] == "\n" { current += 1 }
      place += 1
    }
    place = min(place + column - 1, scalars.count)
    if place < scalars.count, scalars[place] == "\"" || scalars[place] == "'" { place += 1 }
    scalars.insert(contentsOf: "\(mark)\(number)\(mark)".unicodeScalars, at: place)
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return String(result)
  }

  private mutating func json(_ node: Node, depth: Int) throws(APIStatus) -> JSON {
    guard depth < Self.maximumDepth else {
      throw .badRequest("the YAML document is nested deeper than \(Self.maximumDepth)")
    }
    budget -= 1
    guard budget >= 0 else {
      throw .badRequest("error converting YAML to JSON: yaml: document contains excessive aliasing")
    }
    switch node {
    case .mapping(let mapping): return .object(try object(mapping, depth: depth))
    case .sequence(let sequence):
      var items: [JSON] = []
      for item in sequence { items.append(try json(item, depth: depth + 1)) }
      return .array(items)
    case .scalar(let scalar): return Self.value(of: scalar)
    case .alias: throw .badRequest("YAML: aliases to anchors that are not defined")
    }
  }

  private mutating func object(_ mapping: Node.Mapping, depth: Int) throws(APIStatus) -> JSONObject {
    var object = JSONObject()
    var repeated: Set<String> = []
    for (key, value) in mapping {
      guard var name = key.scalar?.string else { throw .badRequest("YAML: member names must be scalars") }
      let isRenamed = name.first == Self.mark
      if isRenamed, let end = name.dropFirst().firstIndex(of: Self.mark) {
        name = String(name[name.index(after: end)...])
      }
      if repeated.contains(name) {
        repetitions.append("  line \(key.mark?.line ?? 0): key \(name.goQuoted) already set in map")
      }
      let content = try json(value, depth: depth + 1)
      if isRenamed { repeated.insert(name) } else { object[name] = content }
    }
    return object
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
