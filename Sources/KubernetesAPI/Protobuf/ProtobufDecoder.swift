package import JSONTree

/// Reads objects in the protobuf form that Go clients send (`application/vnd.kubernetes.protobuf`) into the tree that
/// their JSON has, by the numbers of the schema tables. Fields the tables do not know are passed over, as upstream does.
package struct ProtobufDecoder: Sendable {
  package static let mediaType = "application/vnd.kubernetes.protobuf"
  /// Stands in front of every object (runtime/serializer/protobuf of apimachinery).
  static let magic: [UInt8] = [0x6b, 0x38, 0x73, 0x00]
  /// As deep as Go's decoders go.
  private static let deepest = 100

  private let registry: SchemaRegistry

  package init(registry: SchemaRegistry = .shared) { self.registry = registry }

  /// The object in its envelope, with `apiVersion` and `kind`.
  package func object(_ bytes: ArraySlice<UInt8>) throws(ObjectDecodingError) -> JSON {
    try object(bytes, depth: 0)
  }

  private func object(_ bytes: ArraySlice<UInt8>, depth: Int) throws(ObjectDecodingError) -> JSON {
    guard bytes.starts(with: Self.magic) else {
      throw ObjectDecodingError(
        message: "provided data does not appear to be a protobuf message, expected prefix \(Self.magic)")
    }
    // runtime.Unknown: typeMeta 1 {apiVersion 1, kind 2}, raw 2.
    var (apiVersion, kind, raw) = ("", "", ArraySlice<UInt8>())
    var envelope = ProtobufReader(bytes.dropFirst(Self.magic.count))
    while let (number, value) = try envelope.next() {
      guard case .bytes(let content) = value else { continue }
      if number == 2 { raw = content }
      guard number == 1 else { continue }
      apiVersion = try Self.text(in: content, field: 1)
      kind = try Self.text(in: content, field: 2)
    }
    // Options are sent under the group they are for.
    guard
      let schema = registry.schema(apiVersion: apiVersion, kind: kind)
        ?? (kind.hasSuffix("Options") ? registry.schema(apiVersion: "v1", kind: kind) : nil)
    else {
      throw ObjectDecodingError(message: "no kind \(kind.goQuoted) is registered for version \(apiVersion.goQuoted)")
    }
    var object = try message(raw, schema, depth: depth + 1)
    object.members.removeAll { $0.key == "apiVersion" || $0.key == "kind" }
    object.members.insert(
      contentsOf: [.init(key: "kind", value: .string(kind)), .init(key: "apiVersion", value: .string(apiVersion))],
      at: 0)
    return .object(object)
  }

  private func message(
    _ bytes: ArraySlice<UInt8>, _ schema: MessageSchema, depth: Int
  ) throws(ObjectDecodingError) -> JSONObject {
    guard depth <= Self.deepest else { throw ObjectDecodingError(message: "proto: message nested too deep") }
    var values = [JSON?](repeating: nil, count: schema.fields.count)
    try fill(&values, bytes, schema, embeddedIn: nil, depth: depth)
    var object = JSONObject()
    for (field, value) in zip(schema.fields, values) {
      guard var value else { continue }
      if case .map = field.type, case .object(let entries) = value { value = .object(Self.lastOfEachKey(entries)) }
      object.members.append(.init(key: field.name, value: value))
    }
    return object
  }

  private func fill(
    _ values: inout [JSON?], _ bytes: ArraySlice<UInt8>, _ schema: MessageSchema, embeddedIn: Int?, depth: Int
  ) throws(ObjectDecodingError) {
    var reader = ProtobufReader(bytes)
    while let (number, value) = try reader.next() {
      if let index = schema.fields.firstIndex(where: { $0.number == number && $0.embeddedIn == embeddedIn }) {
        let field = schema.fields[index]
        try add(
          value, field.type, to: &values[index],
          keepsZero: field.isRequired || ProtobufPresence.isTracked(field.name, in: schema.shortName), depth: depth)
      } else if embeddedIn == nil, case .bytes(let part) = value,
        schema.fields.contains(where: { $0.embeddedIn == number })
      {
        try fill(&values, part, schema, embeddedIn: number, depth: depth)
      }
    }
  }

  /// Adds one more value on the wire to what a field holds. A list and a map grow in place: copied for each element,
  /// a body full of them would keep the server busy for hours.
  private func add(
    _ value: ProtobufReader.Value, _ type: FieldType, to held: inout JSON?, keepsZero: Bool, depth: Int
  ) throws(ObjectDecodingError) {
    switch type {
    case .list(let element):
      var items = held?.items ?? []
      held = nil
      if case .bytes(let packed) = value, [.int32, .int64, .bool].contains(element) {
        var reader = ProtobufReader(packed)
        while !reader.isAtEnd { items.append(try scalar(.varint(try reader.varint()), element, depth: depth)) }
      } else {
        items.append(try scalar(value, element, depth: depth))
      }
      held = .array(items)
    case .map(let element):
      var entries = held?.object ?? JSONObject()
      held = nil
      entries.members.append(try entry(value, element, depth: depth))
      held = .object(entries)
    default:
      let read = try scalar(value, type, depth: depth)
      // Go writes the zeros of fields that are no pointers, and leaves them out of JSON.
      held = read.isNull || (!keepsZero && Self.isZero(read)) ? nil : read
    }
  }

  /// One entry of a map: key 1, value 2.
  private func entry(
    _ value: ProtobufReader.Value, _ element: FieldType, depth: Int
  ) throws(ObjectDecodingError) -> JSONObject.Member {
    guard case .bytes(let bytes) = value else { throw Self.wrongWireType }
    var content: JSON?
    var reader = ProtobufReader(bytes)
    while let (number, value) = try reader.next() {
      if number == 2 { try add(value, element, to: &content, keepsZero: true, depth: depth) }
    }
    let empty: JSON = element == .string || element == .bytes ? "" : .null
    return .init(key: try Self.text(in: bytes, field: 1), value: content ?? empty)
  }

  private static func lastOfEachKey(_ entries: JSONObject) -> JSONObject {
    var (result, places) = (JSONObject(), [String: Int]())
    for member in entries.members {
      if let place = places[member.key] {
        result.members[place] = member
      } else {
        places[member.key] = result.members.count
        result.members.append(member)
      }
    }
    return result
  }

  private static func isZero(_ value: JSON) -> Bool {
    value == "" || value == 0 || value == false || value == .double(0)
  }

  /// A value that is neither a list nor a map; null for a time that is none.
  private func scalar(
    _ value: ProtobufReader.Value, _ type: FieldType, depth: Int
  ) throws(ObjectDecodingError) -> JSON {
    switch (type, value) {
    case (.string, .bytes(let bytes)): return .string(try Self.text(bytes))
    case (.bytes, .bytes(let bytes)): return .string(Base64.encode(bytes))
    case (.bool, .varint(let number)): return .bool(number != 0)
    case (.int32, .varint(let number)): return .int(Int64(Int32(truncatingIfNeeded: number)))
    case (.int64, .varint(let number)): return .int(Int64(bitPattern: number))
    case (.double, .fixed64(let bits)): return .double(Double(bitPattern: bits))
    case (.quantity, .bytes(let bytes)): return .string(try Self.text(in: bytes, field: 1))
    case (.intOrString, .bytes(let bytes)): return try Self.intOrString(bytes)
    case (.time, .bytes(let bytes)): return try Self.time(bytes).map { .string($0.description) } ?? .null
    case (.microTime, .bytes(let bytes)): return try Self.time(bytes).map { .string($0.microText) } ?? .null
    case (.raw, .bytes(let bytes)), (.fields, .bytes(let bytes)): return try embedded(bytes, depth: depth)
    case (.strings, .bytes(let bytes)):
      var items: [JSON] = []
      var reader = ProtobufReader(bytes)
      while let (number, value) = try reader.next() {
        if number == 1, case .bytes(let text) = value { items.append(.string(try Self.text(text))) }
      }
      return .array(items)
    case (.message(let name), .bytes(let bytes)):
      guard let schema = registry.message(name) else {
        throw ObjectDecodingError(message: "no schema is known for \(name)")
      }
      return .object(try message(bytes, schema, depth: depth + 1))
    default: throw Self.wrongWireType
    }
  }

  /// `RawExtension` and `FieldsV1`: JSON, or an object in its own envelope, as field 1.
  private func embedded(_ bytes: ArraySlice<UInt8>, depth: Int) throws(ObjectDecodingError) -> JSON {
    var reader = ProtobufReader(bytes)
    while let (number, value) = try reader.next() {
      guard number == 1, case .bytes(let raw) = value, !raw.isEmpty else { continue }
      if raw.starts(with: Self.magic) { return try object(raw, depth: depth + 1) }
      do {
        return try JSON.parse(Array(raw))
      } catch {
        throw ObjectDecodingError(message: "\(error)")
      }
    }
    return .null
  }

  /// `IntOrString`: type 1 (0 whole number, 1 text), intVal 2, strVal 3.
  private static func intOrString(_ bytes: ArraySlice<UInt8>) throws(ObjectDecodingError) -> JSON {
    var (isText, number, text) = (false, Int64(0), "")
    var reader = ProtobufReader(bytes)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .varint(let type)): isText = type == 1
      case (2, .varint(let value)): number = Int64(Int32(truncatingIfNeeded: value))
      case (3, .bytes(let bytes)): text = try Self.text(bytes)
      default: break
      }
    }
    return isText ? .string(text) : .int(number)
  }

  /// `Timestamp`: seconds 1, nanos 2. Without fields it is no time.
  private static func time(_ bytes: ArraySlice<UInt8>) throws(ObjectDecodingError) -> Timestamp? {
    guard !bytes.isEmpty else { return nil }
    var (seconds, nanoseconds) = (Int64(0), Int32(0))
    var reader = ProtobufReader(bytes)
    while let (field, value) = try reader.next() {
      guard case .varint(let number) = value else { continue }
      if field == 1 { seconds = Int64(bitPattern: number) }
      if field == 2 { nanoseconds = Int32(truncatingIfNeeded: number) }
    }
    // From the year 1 to the year 9999, as RFC 3339 can write them.
    guard (-62_135_596_800..<253_402_300_800).contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else {
      throw ObjectDecodingError(message: "a time of \(seconds) s and \(nanoseconds) ns cannot be written")
    }
    return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
  }

  private static func text(in bytes: ArraySlice<UInt8>, field: Int) throws(ObjectDecodingError) -> String {
    var result = ""
    var reader = ProtobufReader(bytes)
    while let (number, value) = try reader.next() {
      if number == field, case .bytes(let text) = value { result = try Self.text(text) }
    }
    return result
  }

  private static func text(_ bytes: ArraySlice<UInt8>) throws(ObjectDecodingError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ObjectDecodingError(message: "a text in the body is not valid UTF-8")
    }
    return text
  }

  private static var wrongWireType: ObjectDecodingError { ObjectDecodingError(message: "proto: wrong wireType") }
}
