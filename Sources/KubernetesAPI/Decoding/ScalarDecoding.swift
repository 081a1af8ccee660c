import JSONTree

/// Checks the values at the leaves of a tree and brings them into the form the server stores.
enum ScalarDecoding {
  /// Checks `value` against a scalar type. Quantities and times are rewritten canonically, as Go does by decoding and
  /// encoding them.
  static func check(
    _ value: inout JSON, type: FieldType, mismatch: (JSON) -> ObjectDecodingError
  ) throws(ObjectDecodingError) {
    switch type {
    case .string: guard case .string = value else { throw mismatch(value) }
    case .bool: guard case .bool = value else { throw mismatch(value) }
    case .int64: guard case .int = value else { throw mismatch(value) }
    case .int32:
      guard case .int(let number) = value, Int32(exactly: number) != nil else { throw mismatch(value) }
    case .double:
      switch value {
      case .int, .double: break
      default: throw mismatch(value)
      }
    case .intOrString:
      switch value {
      case .string: break
      case .int(let number) where Int32(exactly: number) != nil: break
      default: throw mismatch(value)
      }
    case .bytes:
      guard case .string(let text) = value else { throw mismatch(value) }
      if let offset = Base64.firstFault(in: text) {
        throw ObjectDecodingError(message: "illegal base64 data at input byte \(offset)")
      }
    case .quantity: try checkQuantity(&value, mismatch: mismatch)
    case .time, .microTime: try checkTime(&value, withFraction: type == .microTime, mismatch: mismatch)
    case .raw, .fields, .strings, .message, .list, .map: break
    }
  }

  private static func checkQuantity(
    _ value: inout JSON, mismatch: (JSON) -> ObjectDecodingError
  ) throws(ObjectDecodingError) {
    switch value {
    case .string, .int, .double: break
    default: throw mismatch(value)
    }
    do {
      value = .string(try Quantity(json: value).description)
    } catch {
      throw ObjectDecodingError(message: error.message)
    }
  }

  private static func checkTime(
    _ value: inout JSON, withFraction: Bool, mismatch: (JSON) -> ObjectDecodingError
  ) throws(ObjectDecodingError) {
    guard case .string(let text) = value else { throw mismatch(value) }
    guard let time = Timestamp(text) else {
      let layout = withFraction ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00"
      throw ObjectDecodingError(
        message: "parsing time \(text.goQuoted) as \"\(layout)\": cannot parse \(text.goQuoted) as a time")
    }
    value = .string(withFraction ? time.microText : time.description)
  }

  /// What a null element of a list or map stands for.
  static func emptyValue(_ type: FieldType) -> JSON {
    switch type {
    case .string, .bytes: ""
    case .int32, .int64, .intOrString, .double: 0
    case .bool: false
    case .quantity: "0"
    case .list, .strings: []
    case .message, .map, .fields: [:]
    case .time, .microTime, .raw: .null
    }
  }

  /// The type's name in messages of Go's decoder.
  static func goName(_ type: FieldType) -> String {
    switch type {
    case .string: "string"
    case .bytes: "[]uint8"
    case .int32: "int32"
    case .int64: "int64"
    case .bool: "bool"
    case .double: "float64"
    case .quantity: "resource.Quantity"
    case .intOrString: "intstr.IntOrString"
    case .time: "v1.Time"
    case .microTime: "v1.MicroTime"
    case .raw: "runtime.RawExtension"
    case .fields: "v1.FieldsV1"
    case .strings: "[]string"
    case .list(let element): "[]\(goName(element))"
    case .map(let element): "map[string]\(goName(element))"
    case .message(let name): name.split(separator: ".").suffix(2).joined(separator: ".")
    }
  }
}
