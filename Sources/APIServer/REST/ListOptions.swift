import JSONTree
import KubernetesAPI

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
    let faults = Self.faults(query)
    guard faults.isEmpty else { throw .invalidOptions("ListOptions", faults) }
    limit = Int(clamping: max(0, try query.integer("limit") ?? 0))
    let version = query.text("resourceVersion")
    let matchText = query.text("resourceVersionMatch")
    if let text = query.text("continue") {
      guard version == nil || version == "0" else {
        throw .badRequest("specifying resource version is not allowed when using continue")
      }
      continuation = try ContinueToken(text)
    }
    guard let version else {
      match = .any
      return
    }
    let revision = try Self.revision(version)
    let isExact = matchText == "Exact" || (matchText == nil && limit > 0)
    match = revision == 0 ? .any : isExact ? .exactly(revision) : .notOlderThan(revision)
  }

  static func revision(_ text: String) throws(APIStatus) -> Int64 {
    guard let revision = Int64(text), revision >= 0 else {
      throw .badRequest(
        "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
    }
    return revision
  }

  private static let matchPath = FieldPath("resourceVersionMatch")

  /// What upstream's `ValidateListOptions` finds wrong with a list's parameters.
  private static func faults(_ query: QueryParameters) -> [FieldError] {
    var faults: [FieldError] = []
    if let match = query.text("resourceVersionMatch") {
      if query.text("resourceVersion") == nil {
        faults.append(
          .forbidden(matchPath, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
      }
      faults += continuationFaults(query)
      if match != "Exact", match != "NotOlderThan" {
        let supported = "supported values: \"Exact\", \"NotOlderThan\", \"\""
        faults.append(FieldError(.notSupported, matchPath, .string(match), supported))
      }
      if match == "Exact", query.text("resourceVersion") == "0" {
        faults.append(
          .forbidden(matchPath, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
      }
    }
    if query["sendInitialEvents"] != nil {
      faults.append(.forbidden(FieldPath("sendInitialEvents"), "sendInitialEvents is forbidden for list"))
    }
    return faults
  }

  /// What it finds wrong with a watch's.
  static func watchFaults(_ query: QueryParameters) -> [FieldError] {
    var faults: [FieldError] = []
    let match = query.text("resourceVersionMatch")
    if query["sendInitialEvents"] != nil, match != "NotOlderThan" {
      faults.append(
        .forbidden(matchPath, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
    }
    guard let match else { return faults }
    if query["sendInitialEvents"] == nil {
      faults.append(
        .forbidden(matchPath, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
    }
    if match != "NotOlderThan" { faults.append(.notSupported(matchPath, .string(match), ["NotOlderThan"])) }
    return faults + continuationFaults(query)
  }

  private static func continuationFaults(_ query: QueryParameters) -> [FieldError] {
    guard query.text("continue") != nil else { return [] }
    return [.forbidden(matchPath, "resourceVersionMatch is forbidden when continue is provided")]
  }
}
