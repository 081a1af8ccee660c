package import JSONTree

/// Writes objects in the protobuf form that Go clients ask for, by the numbers of the schema tables.
///
/// Fields stand in the order of their numbers and maps in the order of their keys, so that equal objects have equal bytes.
/// What an object does not hold is left out; Go writes zeros there, which its decoders cannot tell from nothing. Fields
/// without a number are dropped.
package struct ProtobufEncoder: Sendable {
  private let registry: SchemaRegistry

  package init(registry: SchemaRegistry = .shared) { self.registry = registry }

  /// An object in its envelope; `nil` for a kind that has no protobuf form.
  package func object(_ tree: JSON) -> [UInt8]? {
    let (apiVersion, kind) = (tree["apiVersion"]?.string ?? "", tree["kind"]?.string ?? "")
    guard let schema = registry.schema(apiVersion: apiVersion, kind: kind), let body = body(tree, schema) else {
      return nil
    }
    return ProtobufEnvelope.object(apiVersion: apiVersion, kind: kind, body: body)
  }

  /// An object of a known schema without an envelope, as it stands in lists; `nil` where the schema has no numbers.
  package func body(_ tree: JSON, _ schema: MessageSchema) -> [UInt8]? {
    guard schema.hasProtobufForm else { return nil }
    var writer = ProtobufWriter(reservingCapacity: 1024)
    write(tree, schema, to: &writer)
    return writer.bytes
  }

  /// The fields that an object holds, by number, last first.
  private func write(_ tree: JSON, _ schema: MessageSchema, to writer: inout ProtobufWriter) {
    var held: [(outer: Int, field: FieldSchema, value: JSON)] = []
    for member in tree.object?.members ?? [] where !member.value.isNull {
      guard let field = schema[member.key], field.number > 0 else { continue }
      held.append((field.embeddedIn ?? field.number, field, member.value))
    }
    held.sort { ($0.outer, $0.field.number) > ($1.outer, $1.field.number) }
    var index = held.startIndex
    while index < held.endIndex {
      let start = writer.count
      let outer = held[index].outer
      guard held[index].field.embeddedIn != nil else {
        write(held[index].value, held[index].field.type, number: outer, to: &writer)
        index += 1
        continue
      }
      while index < held.endIndex, held[index].outer == outer {
        write(held[index].value, held[index].field.type, number: held[index].field.number, to: &writer)
        index += 1
      }
      writer.close(outer, since: start)
    }
  }

  /// A value as field `number`. One that is not of the field's type is left out: what is stored was checked before.
  private func write(_ value: JSON, _ type: FieldType, number: Int, to writer: inout ProtobufWriter) {
    switch (type, value) {
    case (.list(let element), .array(let items)):
      for item in items.reversed() { write(item, element, number: number, to: &writer) }
    case (.map(let element), .object(let entries)):
      for entry in entries.members.sorted(by: { Self.isBefore($1.key, $0.key) }) {
        let start = writer.count
        write(entry.value, element, number: 2, to: &writer)
        writer.write(1, text: entry.key)
        writer.close(number, since: start)
      }
    case (.message(let name), .object):
      guard let schema = registry.message(name) else { return }
      let start = writer.count
      write(value, schema, to: &writer)
      writer.close(number, since: start)
    default: writeScalar(value, type, number: number, to: &writer)
    }
  }

  /// As Go sorts texts: by their bytes.
  private static func isBefore(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  private func writeScalar(_ value: JSON, _ type: FieldType, number: Int, to writer: inout ProtobufWriter) {
    switch (type, value) {
    case (.string, .string(let text)): writer.write(number, text: text)
    case (.bool, .bool(let flag)): writer.write(number, varint: flag ? 1 : 0)
    case (.int32, _), (.int64, _):
      if let whole = value.int { writer.write(number, varint: whole) }
    case (.double, .double(let double)): writer.write(number, double: double)
    case (.double, .int(let whole)): writer.write(number, double: Double(whole))
    case (.bytes, .string(let text)):
      if let bytes = Base64.decode(text) { writer.write(number, bytes: bytes) }
    case (.quantity, _):
      let start = writer.count
      writer.write(1, text: value.string ?? value.description)
      writer.close(number, since: start)
    case (.intOrString, _): Self.writeIntOrString(value, number: number, to: &writer)
    case (.time, .string(let text)): Self.writeTime(text, hasMicroseconds: false, number: number, to: &writer)
    case (.microTime, .string(let text)): Self.writeTime(text, hasMicroseconds: true, number: number, to: &writer)
    case (.raw, _), (.fields, _):
      let start = writer.count
      writer.write(1, bytes: value.encoded())
      writer.close(number, since: start)
    case (.strings, .array(let items)):
      let start = writer.count
      for item in items.reversed() { writer.write(1, text: item.string ?? "") }
      writer.close(number, since: start)
    default: break
    }
  }

  /// `IntOrString`: type 1 (0 whole number, 1 text), intVal 2, strVal 3; Go writes all three.
  private static func writeIntOrString(_ value: JSON, number: Int, to writer: inout ProtobufWriter) {
    let start = writer.count
    writer.write(3, text: value.string ?? "")
    writer.write(2, varint: value.int ?? 0)
    writer.write(1, varint: value.string == nil ? 0 : 1)
    writer.close(number, since: start)
  }

  /// `Timestamp`: seconds 1, nanos 2. `Time` carries whole seconds, `MicroTime` whole microseconds.
  private static func writeTime(_ text: String, hasMicroseconds: Bool, number: Int, to writer: inout ProtobufWriter) {
    guard let time = Timestamp(text) else { return }
    let start = writer.count
    writer.write(2, varint: hasMicroseconds ? Int64(time.nanoseconds / 1000 * 1000) : 0)
    writer.write(1, varint: time.seconds)
    writer.close(number, since: start)
  }
}

extension MessageSchema {
  /// Whether the message can be sent as protobuf: tables and other JSON-only types have no numbers.
  package var hasProtobufForm: Bool {
    fields.contains { $0.number > 0 } || fields.allSatisfy { $0.name == "apiVersion" || $0.name == "kind" }
  }
}
