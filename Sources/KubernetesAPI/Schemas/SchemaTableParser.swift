import JSONTree

/// Reads the tables' text.
///
/// A table names a package and then its messages, one field to a line:
/// ```
/// package io.k8s.api.core.v1 v1
///
/// PodSpec : Describes a pod.
///   containers! 2 []Container merge(name) map(name) : The containers.
///   restartPolicy 3 string ="Always" enum(Always|Never|OnFailure)
///   inline 2 VolumeSource
/// ```
/// After the message's name: `kind` (has apiVersion and kind), `list` (a list kind belongs to it), `atomic`.
/// A field: name, `!` where required, protobuf number, type, attributes, text. Types are scalars, `[]T`, `{}T`, a
/// message of the same package, `core.T` or `meta.T`. `=JSON` is the default; `merge`, `merge(key)`, `replace`
/// and `retainKeys` are the strategic merge's; `atomic`, `granular`, `set` and `map(keys)` are server-side apply's. A line that begins with `:`
/// holds the text of the line above. `inline` embeds a message whose fields stand in JSON beside the others. The
/// tables are compiled in, so a mistake in one is a mistake of the program: it stops at once, and the tests read
/// every table.
struct SchemaTableParser {
  private struct Message {
    var name: Substring
    var package: Substring
    var groupVersion: GroupVersion
    var flags: [Substring]
    var text: String
    var fields: [Field] = []
  }

  private struct Field {
    var schema: FieldSchema
    var isInline: Bool
  }

  private var messages: [Message] = []
  private var package: Substring = ""
  private var groupVersion = GroupVersion.core
  private static let core = "io.k8s.api.core.v1"
  private static let meta = "io.k8s.apimachinery.pkg.apis.meta.v1"
  private static let scalars: [Substring: FieldType] = [
    "string": .string, "int32": .int32, "int64": .int64, "bool": .bool, "double": .double, "bytes": .bytes,
    "Quantity": .quantity, "IntOrString": .intOrString, "Time": .time, "MicroTime": .microTime, "raw": .raw,
    "FieldsV1": .fields, "strings": .strings,
  ]

  mutating func read(_ table: String) {
    var rest = Substring(table)
    while !rest.isEmpty {
      let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      read(line: rest[..<end])
      rest = end == rest.endIndex ? rest[end...] : rest[rest.utf8.index(after: end)...]
    }
  }

  private mutating func read(line: Substring) {
    guard let first = line.utf8.first else { return }
    if first != UInt8(ascii: " ") {
      readHeader(line)
    } else {
      let content = line.drop { $0 == " " }
      if content.utf8.first == UInt8(ascii: ":") {
        continueText(content.dropFirst(2))
      } else {
        readField(content)
      }
    }
  }

  private mutating func readHeader(_ line: Substring) {
    let (head, text) = Self.splitText(line)
    let words = Self.words(head)
    if words[0] == "package" {
      package = words[1]
      guard let parsed = GroupVersion(apiVersion: String(words[2])) else {
        preconditionFailure("schema table: \(line)")
      }
      groupVersion = parsed
    } else {
      messages.append(
        Message(
          name: words[0], package: package, groupVersion: groupVersion, flags: Array(words.dropFirst()),
          text: String(text)))
    }
  }

  private mutating func continueText(_ text: Substring) {
    guard let message = messages.indices.last else { preconditionFailure("schema table: text without a message") }
    guard let field = messages[message].fields.indices.last else {
      messages[message].text = String(text)
      return
    }
    messages[message].fields[field].schema = messages[message].fields[field].schema.with(text: String(text))
  }

  private mutating func readField(_ line: Substring) {
    let (head, text) = Self.splitText(line)
    let words = Self.words(head)
    guard words.count >= 3, let number = Int(words[1]), let message = messages.indices.last else {
      preconditionFailure("schema table: \(line)")
    }
    let isRequired = words[0].utf8.last == UInt8(ascii: "!")
    var attributes = Attributes()
    for word in words.dropFirst(3) { attributes.read(word) }
    messages[message].fields.append(
      Field(
        schema: FieldSchema(
          name: String(isRequired ? words[0].dropLast() : words[0]), number: number, type: type(words[2]),
          isRequired: isRequired, defaultValue: attributes.defaultValue, allowedValues: attributes.allowedValues,
          patchStrategies: attributes.patchStrategies, patchMergeKey: attributes.patchMergeKey,
          mergeStructure: attributes.mergeStructure, text: String(text), embeddedIn: nil),
        isInline: words[0] == "inline"))
  }

  private func type(_ word: Substring) -> FieldType {
    if word.hasPrefix("[]") { return .list(type(word.dropFirst(2))) }
    if word.hasPrefix("{}") { return .map(type(word.dropFirst(2))) }
    if let scalar = Self.scalars[word] { return scalar }
    if word.hasPrefix("core.") { return .message("\(Self.core).\(word.dropFirst(5))") }
    if word.hasPrefix("meta.") { return .message("\(Self.meta).\(word.dropFirst(5))") }
    return .message("\(package).\(word)")
  }

  /// The messages with their embedded fields in place and their list kinds added.
  func link() -> [MessageSchema] {
    let byName = Dictionary(
      messages.enumerated().map { ("\($1.package).\($1.name)", $0) }, uniquingKeysWith: { first, _ in first })
    var result: [MessageSchema] = []
    for message in messages {
      let isKind = message.flags.contains("kind")
      var fields = isKind ? Self.typeFields : []
      for field in message.fields {
        guard field.isInline else {
          fields.append(field.schema)
          continue
        }
        guard let name = field.schema.type.messageName, let embedded = byName[name] else {
          preconditionFailure("schema table: \(message.name) embeds an unknown message")
        }
        fields += messages[embedded].fields.map { $0.schema.embedded(in: field.schema.number) }
      }
      let name = "\(message.package).\(message.name)"
      result.append(
        MessageSchema(
          name: name, groupVersion: message.groupVersion, isKind: isKind, isList: false,
          isAtomic: message.flags.contains("atomic"), text: message.text, fields: fields))
      if message.flags.contains("list") { result.append(Self.list(of: name, in: message.groupVersion)) }
    }
    return result
  }

  private static let typeFields = [
    FieldSchema(
      name: "apiVersion", type: .string, text: "The version of the schema that this object follows."),
    FieldSchema(name: "kind", type: .string, text: "The kind of object this is."),
  ]

  private static func list(of name: String, in groupVersion: GroupVersion) -> MessageSchema {
    let kind = name.split(separator: ".").last ?? ""
    let fields =
      typeFields + [
        FieldSchema(
          name: "metadata", number: 1, type: .message("\(meta).ListMeta"), text: "Metadata of the list."),
        FieldSchema(
          name: "items", number: 2, type: .list(.message(name)), isRequired: true, text: "The objects."),
      ]
    return MessageSchema(
      name: name + "List", groupVersion: groupVersion, isKind: true, isList: true, isAtomic: false,
      text: "A list of \(kind) objects.", fields: fields)
  }

  /// What stands before and after ` : `.
  private static func splitText(_ line: Substring) -> (head: Substring, text: Substring) {
    let bytes = line.utf8
    var index = bytes.startIndex
    while let colon = bytes[index...].firstIndex(of: UInt8(ascii: ":")) {
      let next = bytes.index(after: colon)
      if colon > bytes.startIndex, bytes[bytes.index(before: colon)] == UInt8(ascii: " "),
        next == bytes.endIndex || bytes[next] == UInt8(ascii: " ")
      {
        let text = next == bytes.endIndex ? line[next...] : line[bytes.index(after: next)...]
        return (line[..<colon], text)
      }
      index = next
    }
    return (line, "")
  }

  private static func words(_ text: Substring) -> [Substring] {
    text.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
  }
}

extension SchemaTableParser {
  /// What follows a field's type.
  private struct Attributes {
    var defaultValue: JSON?
    var allowedValues: [String] = []
    var patchStrategies: [PatchStrategy] = []
    var patchMergeKey: String?
    var mergeStructure: MergeStructure?

    mutating func read(_ word: Substring) {
      if word.hasPrefix("=") {
        defaultValue = try? JSON.parse(word.dropFirst().utf8)
        precondition(defaultValue != nil, "schema table: default \(word)")
      } else if word == "merge" {
        patchStrategies.append(.merge)
      } else if word.hasPrefix("merge(") {
        patchStrategies.append(.merge)
        patchMergeKey = String(word.dropFirst(6).dropLast())
      } else if word == "replace" {
        patchStrategies.append(.replace)
      } else if word == "retainKeys" {
        patchStrategies.append(.retainKeys)
      } else if word.hasPrefix("enum(") {
        allowedValues = word.dropFirst(5).dropLast().split(separator: "|", omittingEmptySubsequences: false).map(
          String.init)
      } else if word.hasPrefix("map(") {
        mergeStructure = .map(word.dropFirst(4).dropLast().split(separator: ",").map(String.init))
      } else if word == "atomic" {
        mergeStructure = .atomic
      } else if word == "granular" {
        mergeStructure = .granular
      } else if word == "set" {
        mergeStructure = .set
      } else {
        preconditionFailure("schema table: unknown attribute \(word)")
      }
    }
  }
}

extension FieldSchema {
  fileprivate init(name: String, number: Int = 0, type: FieldType, isRequired: Bool = false, text: String) {
    self.init(
      name: name, number: number, type: type, isRequired: isRequired, defaultValue: nil, allowedValues: [],
      patchStrategies: [], patchMergeKey: nil, mergeStructure: nil, text: text, embeddedIn: nil)
  }

  fileprivate func with(text: String) -> FieldSchema {
    FieldSchema(
      name: name, number: number, type: type, isRequired: isRequired, defaultValue: defaultValue,
      allowedValues: allowedValues, patchStrategies: patchStrategies, patchMergeKey: patchMergeKey,
      mergeStructure: mergeStructure, text: text, embeddedIn: embeddedIn)
  }

  fileprivate func embedded(in number: Int) -> FieldSchema {
    FieldSchema(
      name: name, number: self.number, type: type, isRequired: isRequired, defaultValue: defaultValue,
      allowedValues: allowedValues, patchStrategies: patchStrategies, patchMergeKey: patchMergeKey,
      mergeStructure: mergeStructure, text: text, embeddedIn: number)
  }
}
