import JSONTree

/// Writes parts of an OpenAPI v2 document in protobuf, as the messages of gnostic's `OpenAPIv2.proto` have it.
enum GnosticEncoder {
  /// The message of a value, with its fields in ``GnosticMessage/field(_:)``.
  static func append(_ value: JSON, as message: GnosticMessage, to bytes: inout [UInt8]) {
    switch message {
    // Wrappers of one choice among several.
    case .schemaItem, .additionalProperties: append(encoded(value, .schema), number: 1, to: &bytes)
    case .responseValue: append(encoded(value, .response), number: 1, to: &bytes)
    case .securityDefinition: append(encoded(value, .apiKey), number: 2, to: &bytes)
    case .parametersItem: appendParameter(value, to: &bytes)
    case .type, .stringArray:
      for text in value.string.map({ [$0] }) ?? value.items.compactMap(\.string) { append(text, number: 1, to: &bytes) }
    case .items: append(encoded(value, .schema), number: 1, to: &bytes)
    case .any:
      // A JSON text is a YAML text.
      append(value.encoded(), number: 2, to: &bytes)
    case .named(let element, let number):
      for member in value.object?.members ?? [] {
        append(name: member.key, value: member.value, as: element, number: number, to: &bytes)
      }
    default: appendFields(value, message, to: &bytes)
    }
  }

  /// An entry of a map: the message `number` with a name and a value.
  static func append(
    name: String, value: JSON, as message: GnosticMessage, number: Int, to bytes: inout [UInt8]
  ) {
    var entry: [UInt8] = []
    append(name, number: 1, to: &entry)
    append(encoded(value, message), number: 2, to: &entry)
    append(entry, number: number, to: &bytes)
  }

  static func append(_ part: [UInt8], number: Int, to bytes: inout [UInt8]) {
    appendVarint(UInt64(number) << 3 | 2, to: &bytes)
    appendVarint(UInt64(part.count), to: &bytes)
    bytes += part
  }

  private static func append(_ text: String, number: Int, to bytes: inout [UInt8]) {
    append(Array(text.utf8), number: number, to: &bytes)
  }

  private static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  private static func encoded(_ value: JSON, _ message: GnosticMessage) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, as: message, to: &bytes)
    return bytes
  }

  private static func appendFields(_ value: JSON, _ message: GnosticMessage, to bytes: inout [UInt8]) {
    for member in value.object?.members ?? [] {
      if member.key.hasPrefix("x-") {
        guard let number = message.extensions else { continue }
        append(name: member.key, value: member.value, as: .any, number: number, to: &bytes)
        continue
      }
      switch message.field(member.key) {
      case .text(let number)?: append(member.value.string ?? "", number: number, to: &bytes)
      case .texts(let number)?:
        for text in member.value.items.compactMap(\.string) { append(text, number: number, to: &bytes) }
      case .flag(let number)?:
        guard member.value == true else { continue }
        appendVarint(UInt64(number) << 3, to: &bytes)
        bytes.append(1)
      case .message(let number, let inner)?: append(encoded(member.value, inner), number: number, to: &bytes)
      case .messages(let number, let inner)?:
        for element in member.value.items { append(encoded(element, inner), number: number, to: &bytes) }
      case nil: continue
      }
    }
  }

  private static func appendParameter(_ value: JSON, to bytes: inout [UInt8]) {
    var parameter: [UInt8] = []
    switch value["in"]?.string {
    case "body": append(encoded(value, .bodyParameter), number: 1, to: &parameter)
    case "path":
      var plain: [UInt8] = []
      append(encoded(value, .pathParameter), number: 4, to: &plain)
      append(plain, number: 2, to: &parameter)
    default:
      var plain: [UInt8] = []
      append(encoded(value, .queryParameter), number: 3, to: &plain)
      append(plain, number: 2, to: &parameter)
    }
    append(parameter, number: 1, to: &bytes)
  }
}

/// The messages of `OpenAPIv2.proto` that documents here use.
indirect enum GnosticMessage {
  case document, info, pathItem, operation, parametersItem, bodyParameter, queryParameter, pathParameter
  case responseValue, response, schemaItem, schema, additionalProperties, type, items, any, stringArray
  case securityDefinition, apiKey
  /// A map: entries with the field number `Int`.
  case named(GnosticMessage, Int)

  enum Field {
    case text(Int)
    case texts(Int)
    case flag(Int)
    case message(Int, GnosticMessage)
    case messages(Int, GnosticMessage)
  }

  /// The number of `vendor_extension`.
  var extensions: Int? {
    switch self {
    case .document: 16
    case .info: 7
    case .pathItem: 10
    case .operation: 13
    case .bodyParameter: 6
    case .queryParameter: 23
    case .pathParameter: 22
    case .response, .apiKey: 5
    case .schema: 31
    default: nil
    }
  }

  func field(_ name: String) -> Field? {
    switch self {
    case .document: Self.documentField(name)
    case .info: name == "title" ? .text(1) : name == "version" ? .text(2) : nil
    case .pathItem: Self.pathItemField(name)
    case .operation: Self.operationField(name)
    case .bodyParameter, .queryParameter, .pathParameter: parameterField(name)
    case .response: name == "description" ? .text(1) : name == "schema" ? .message(2, .schemaItem) : nil
    case .schema: Self.schemaField(name)
    case .apiKey: ["type": 1, "name": 2, "in": 3, "description": 4][name].map { .text($0) }
    default: nil
    }
  }

  private static func documentField(_ name: String) -> Field? {
    switch name {
    case "swagger": .text(1)
    case "info": .message(2, .info)
    case "security": .messages(12, .named(.stringArray, 1))
    case "securityDefinitions": .message(13, .named(.securityDefinition, 1))
    default: nil
    }
  }

  private static func pathItemField(_ name: String) -> Field? {
    if name == "parameters" { return .messages(9, .parametersItem) }
    return ["get": 2, "put": 3, "post": 4, "delete": 5, "options": 6, "head": 7, "patch": 8][name].map {
      .message($0, .operation)
    }
  }

  private static func operationField(_ name: String) -> Field? {
    switch name {
    case "tags": .texts(1)
    case "description": .text(3)
    case "operationId": .text(5)
    case "produces": .texts(6)
    case "consumes": .texts(7)
    case "parameters": .messages(8, .parametersItem)
    case "responses": .message(9, .named(.responseValue, 1))
    case "schemes": .texts(10)
    default: nil
    }
  }

  private func parameterField(_ name: String) -> Field? {
    if case .bodyParameter = self {
      return switch name {
      case "description": .text(1)
      case "name": .text(2)
      case "in": .text(3)
      case "required": .flag(4)
      case "schema": .message(5, .schema)
      default: nil
      }
    }
    // Those of a query have `allow_empty_value` in between.
    let shift = if case .queryParameter = self { 1 } else { 0 }
    return switch name {
    case "required": .flag(1)
    case "in": .text(2)
    case "description": .text(3)
    case "name": .text(4)
    case "type": .text(5 + shift)
    case "uniqueItems": .flag(19 + shift)
    default: nil
    }
  }

  private static func schemaField(_ name: String) -> Field? {
    switch name {
    case "$ref": .text(1)
    case "format": .text(2)
    case "description": .text(4)
    case "required": .texts(19)
    case "enum": .messages(20, .any)
    case "additionalProperties": .message(21, .additionalProperties)
    case "type": .message(22, .type)
    case "items": .message(23, .items)
    case "properties": .message(25, .named(.schema, 1))
    default: nil
    }
  }
}
