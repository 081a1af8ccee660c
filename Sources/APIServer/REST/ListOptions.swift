import JSONTree

/// How a list is to be made: `limit`, `continue`, `resourceVersion`, `resourceVersionMatch`.
struct ListOptions {
  enum Match: Equatable {
    case any
    case notOlderThan(Int64)
    case exactly(Int64)
  }

  var limit: Int
  var match: Match
  /// Where a paged list goes on: after this key, at this revision.
  var continuation: ContinueToken?

  init(_ query: QueryParameters) throws(APIStatus) {
    limit = Int(clamping: max(0, try query.integer("limit") ?? 0))
    let version = query.text("resourceVersion")
    let matchText = query.text("resourceVersionMatch")
    if let text = query.text("continue") {
      guard version == nil || version == "0" else {
        throw .badRequest("specifying resource version is not allowed when using continue")
      }
      continuation = try ContinueToken(text)
    }
    if let matchText, version == nil {
      throw .badRequest(
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided "
          + "(\(matchText))")
    }
    guard let version else {
      match = .any
      return
    }
    let revision = try Self.revision(version)
    switch matchText {
    case nil where limit > 0 && revision > 0: match = .exactly(revision)
    case nil, "NotOlderThan": match = revision == 0 ? .any : .notOlderThan(revision)
    case "Exact":
      guard revision > 0 else {
        throw .badRequest(
          "resourceVersionMatch: Forbidden: resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"")
      }
      match = .exactly(revision)
    default:
      throw .badRequest(
        "resourceVersionMatch: Unsupported value: \"\(matchText ?? "")\": supported values: \"Exact\", "
          + "\"NotOlderThan\"")
    }
  }

  static func revision(_ text: String) throws(APIStatus) -> Int64 {
    guard let revision = Int64(text), revision >= 0 else {
      throw .badRequest("Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
    }
    return revision
  }
}

/// The opaque text between two pages of a list: revision and last key, in base64url without padding.
struct ContinueToken {
  let revision: Int64
  let lastKey: String

  init(revision: Int64, lastKey: String) {
    self.revision = revision
    self.lastKey = lastKey
  }

  init(_ text: String) throws(APIStatus) {
    guard let bytes = Base64.decode(text, alphabet: .url) else { throw Self.invalid }
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 1)
    guard parts.count == 2, let revision = Int64(parts[0]) else { throw Self.invalid }
    self.init(revision: revision, lastKey: String(parts[1]))
  }

  private static let invalid = APIStatus.badRequest("continue key is not valid: it was not made by this server")

  var text: String { Base64.encode(Array("\(revision)\n\(lastKey)".utf8), alphabet: .url) }
}
