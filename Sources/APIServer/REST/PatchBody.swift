import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore

/// The body of a PATCH request, in one of the formats that are served.
struct PatchBody: Sendable {
  private enum Format: Sendable {
    case json(JSONPatch)
    case merge(JSON)
    case strategic(JSON)
  }

  private static let types = [
    "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
  ]

  private let format: Format
  let duplicates: [String]

  init(_ request: ResourceRequest) throws(APIStatus) {
    let type = MediaType.essence(request.request.headers[.contentType] ?? "")
    guard Self.types.contains(type) else {
      throw .unsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include: "
          + (Self.types + [ApplyBody.mediaType]).joined(separator: ", "))
    }
    guard request.query["force"] == nil else {
      throw .invalidOptions(
        "PatchOptions",
        [.forbidden(FieldPath("force"), "may not be specified for non-apply patch")])
    }
    let document: JSON
    do {
      (document, duplicates) = try JSON.parseNotingDuplicates(request.request.body.readableBytesView)
    } catch {
      throw .badRequest("error decoding patch: \(error)")
    }
    do {
      switch type {
      case "application/json-patch+json": format = .json(try JSONPatch(document))
      case "application/merge-patch+json":
        guard document.object != nil else { throw APIStatus.badRequest("a merge patch must be a JSON object") }
        format = .merge(document)
      default: format = .strategic(document)
      }
    } catch let status as APIStatus {
      throw status
    } catch {
      throw Self.status(error, request.kind, request.info.name)
    }
  }

  /// What is to be said of repeated members.
  var complaints: [String] {
    let prefix = if case .json = format { "json patch " } else { "" }
    return duplicates.map { "\(prefix)duplicate field \"\($0)\"" }
  }

  /// What upstream shows where the patched object does not fit its schema: the object, or of a strategic patch the patch.
  func shown(result: JSON) -> () -> String {
    if case .strategic(let patch) = format { return { patch.goText } }
    return { result.description }
  }

  func apply(to object: JSON, kind: ResourceKind) throws(APIStatus) -> JSON {
    do {
      switch format {
      case .json(let patch): return try patch.apply(to: object)
      case .merge(let patch): return MergePatch.apply(patch, to: object)
      case .strategic(let patch):
        return try StrategicMergePatch.apply(patch, to: object, schema: SchemaRules.patchSchema(kind))
      }
    } catch {
      if case .json = format, error.code == .inapplicablePatch { throw Self.rejected }
      throw Self.status(error, kind, object.name)
    }
  }

  /// Upstream does not tell which operation of a JSON patch failed.
  private static let rejected: APIStatus = {
    var status = APIStatus(
      code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request")
    status.details = APIStatus.Details()
    return status
  }()

  private static func status(_ error: any Error, _ kind: ResourceKind, _ name: String) -> APIStatus {
    guard let error = error as? KubernetesAPIError else { return .badRequest("\(error)") }
    switch error.code {
    case .inapplicablePatch:
      return APIStatus(
        code: 422, reason: "Invalid",
        message: "the server rejected our request due to an error in our request: \(error.message)")
    case .patchTooLarge:
      return APIStatus(code: 413, reason: "RequestEntityTooLarge", message: error.message)
    default: return .badRequest(error.message)
    }
  }
}

extension JSON {
  /// As Go prints a value with `%+v`.
  fileprivate var goText: String {
    switch self {
    case .null: "<nil>"
    case .string(let text): text
    case .object(let object):
      "map[\(object.members.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.goText)" }.joined(separator: " "))]"
    case .array(let items): "[\(items.map(\.goText).joined(separator: " "))]"
    default: description
    }
  }
}

/// The warnings of the last try to patch.
final class PatchWarnings: Sendable {
  private let box = NIOLockedValueBox<[String]>([])

  func set(_ warnings: [String]) { box.withLockedValue { $0 = warnings } }
  var warnings: [String] { box.withLockedValue { $0 } }
}
