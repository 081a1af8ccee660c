package import JSONTree

/// One fault of an object, worded as upstream words it: clients show and match these texts.
package struct FieldError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Hashable, Sendable {
    case notFound = "FieldValueNotFound"
    case required = "FieldValueRequired"
    case duplicate = "FieldValueDuplicate"
    case invalid = "FieldValueInvalid"
    case notSupported = "FieldValueNotSupported"
    case forbidden = "FieldValueForbidden"
    case tooLong = "FieldValueTooLong"
    case tooMany = "FieldValueTooMany"
    case internalError = "InternalError"

    /// The words at the front of the message.
    fileprivate var text: String {
      switch self {
      case .notFound: "Not found"
      case .required: "Required value"
      case .duplicate: "Duplicate value"
      case .invalid: "Invalid value"
      case .notSupported: "Unsupported value"
      case .forbidden: "Forbidden"
      case .tooLong: "Too long"
      case .tooMany: "Too many"
      case .internalError: "Internal error"
      }
    }

    fileprivate var showsValue: Bool {
      switch self {
      case .required, .forbidden, .tooLong, .internalError: false
      default: true
      }
    }
  }

  package let kind: Kind
  package let path: FieldPath
  package let badValue: JSON
  package let detail: String

  package init(_ kind: Kind, _ path: FieldPath, _ badValue: JSON = .null, _ detail: String = "") {
    self.kind = kind
    self.path = path
    self.badValue = badValue
    self.detail = detail
  }

  package static func required(_ path: FieldPath, _ detail: String = "") -> FieldError {
    FieldError(.required, path, "", detail)
  }
  package static func invalid(_ path: FieldPath, _ value: JSON, _ detail: String) -> FieldError {
    FieldError(.invalid, path, value, detail)
  }
  package static func forbidden(_ path: FieldPath, _ detail: String) -> FieldError {
    FieldError(.forbidden, path, "", detail)
  }
  package static func duplicate(_ path: FieldPath, _ value: JSON) -> FieldError {
    FieldError(.duplicate, path, value)
  }
  package static func notFound(_ path: FieldPath, _ value: JSON) -> FieldError { FieldError(.notFound, path, value) }
  /// - Parameter supported: Listed in order of the alphabet.
  package static func notSupported(_ path: FieldPath, _ value: JSON, _ supported: [String]) -> FieldError {
    notSupported(path, value, inThisOrder: supported.sorted())
  }
  /// For the few lists that upstream writes by hand.
  package static func notSupported(_ path: FieldPath, _ value: JSON, inThisOrder supported: [String]) -> FieldError {
    let list = supported.map(\.goQuoted).joined(separator: ", ")
    return FieldError(.notSupported, path, value, supported.isEmpty ? "" : "supported values: \(list)")
  }
  package static func tooLong(_ path: FieldPath, limit: Int) -> FieldError {
    FieldError(.tooLong, path, "", "may not be more than \(limit) bytes")
  }
  package static func tooMany(_ path: FieldPath, count: Int, limit: Int) -> FieldError {
    FieldError(.tooMany, path, .int(Int64(count)), "must have at most \(limit) item\(limit == 1 ? "" : "s")")
  }

  /// The message without the path: `Invalid value: "A": …`.
  package var body: String {
    var text = kind.text
    if kind.showsValue {
      switch badValue {
      case .string(let value): text += ": \(value.goQuoted)"
      default: text += ": \(badValue)"
      }
    }
    return detail.isEmpty ? text : "\(text): \(detail)"
  }

  /// `spec.containers[0].image: Required value`.
  package var description: String { "\(place): \(body)" }

  private var place: String { path.isRoot ? "<nil>" : path.description }

  /// An entry of `details.causes` in a `Status`.
  package var cause: JSON {
    ["reason": .string(kind.rawValue), "message": .string(body), "field": .string(place)]
  }
}

extension [FieldError] {
  /// The message of the 422 answer: `Pod "web" is invalid: …`, several faults in brackets, each once.
  package func statusMessage(kind: ResourceKind, name: String) -> String {
    let group = kind.groupVersion.group
    let qualified = group.isEmpty ? kind.kind : "\(kind.kind).\(group)"
    var seen: Set<String> = []
    let texts = map(\.description).filter { seen.insert($0).inserted }
    let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    return "\(qualified) \(name.goQuoted) is invalid: \(list)"
  }

  /// `details.causes` of the 422 answer.
  package var statusCauses: JSON { .array(map(\.cause)) }
}
