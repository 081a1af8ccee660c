package import KubernetesAPI

/// The refusals upstream's `apimachinery/pkg/api/errors` makes, with its wording.
extension APIStatus {
  private static func details(_ kind: ResourceKind, name: String, causes: [Cause] = []) -> Details {
    var details = Details()
    details.name = name
    details.group = kind.groupVersion.group
    details.kind = kind.plural
    details.causes = causes
    return details
  }

  package static func notFound(_ kind: ResourceKind, _ name: String) -> APIStatus {
    APIStatus(
      code: 404, reason: "NotFound", message: "\(kind.qualifiedResource) \"\(name)\" not found",
      details: details(kind, name: name))
  }

  package static func alreadyExists(_ kind: ResourceKind, _ name: String) -> APIStatus {
    APIStatus(
      code: 409, reason: "AlreadyExists", message: "\(kind.qualifiedResource) \"\(name)\" already exists",
      details: details(kind, name: name))
  }

  package static func conflict(_ kind: ResourceKind, _ name: String, _ why: String) -> APIStatus {
    APIStatus(
      code: 409, reason: "Conflict",
      message: "Operation cannot be fulfilled on \(kind.qualifiedResource) \"\(name)\": \(why)",
      details: details(kind, name: name))
  }

  package static func modified(_ kind: ResourceKind, _ name: String) -> APIStatus {
    conflict(
      kind, name,
      "the object has been modified; please apply your changes to the latest version and try again")
  }

  package static func forbidden(_ kind: ResourceKind, _ name: String, _ why: String) -> APIStatus {
    let subject = name.isEmpty ? kind.qualifiedResource : "\(kind.qualifiedResource) \"\(name)\""
    return APIStatus(
      code: 403, reason: "Forbidden", message: "\(subject) is forbidden: \(why)", details: details(kind, name: name))
  }

  /// 422 with one cause for each wrong field.
  package static func invalid(_ kind: ResourceKind, _ name: String, _ causes: [Cause]) -> APIStatus {
    invalid(kind.kind, group: kind.groupVersion.group, name, causes)
  }

  /// 422 for a request's parameters: `kind` is `ListOptions`, `CreateOptions` and the like.
  package static func invalidOptions(_ kind: String, _ faults: [FieldError]) -> APIStatus {
    invalid(kind, group: "meta.k8s.io", "", faults.map(Cause.init))
  }

  static func invalid(_ kind: String, group: String, _ name: String, _ causes: [Cause]) -> APIStatus {
    let texts = causes.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
    let text = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    let qualifiedKind = group.isEmpty ? kind : "\(kind).\(group)"
    var details = Details()
    details.name = name
    details.group = group
    details.kind = kind
    details.causes = causes
    return APIStatus(
      code: 422, reason: "Invalid", message: "\(qualifiedKind) \"\(name)\" is invalid: \(text)", details: details)
  }

  package static func badRequest(_ message: String) -> APIStatus {
    APIStatus(code: 400, reason: "BadRequest", message: message)
  }

  package static func unauthorized(_ message: String = "Unauthorized") -> APIStatus {
    APIStatus(code: 401, reason: "Unauthorized", message: message)
  }

  package static func methodNotAllowed(_ message: String) -> APIStatus {
    APIStatus(code: 405, reason: "MethodNotAllowed", message: message)
  }

  package static func notAcceptable(_ types: [String]) -> APIStatus {
    APIStatus(
      code: 406, reason: "NotAcceptable",
      message: "only the following media types are accepted: \(types.joined(separator: ", "))")
  }

  package static func unsupportedMediaType(_ message: String) -> APIStatus {
    APIStatus(code: 415, reason: "UnsupportedMediaType", message: message)
  }

  package static func expired(_ message: String) -> APIStatus {
    APIStatus(code: 410, reason: "Expired", message: message)
  }

  /// The pages of a list can no longer be of one revision. The client may take the rest of it as it is now.
  static func expiredContinuation(_ rest: ContinueToken) -> APIStatus {
    var status = expired(
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
        + "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
        + "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
        + "deleted between the time the first chunk was returned and now may show up in the list.")
    status.continuation = rest.text
    return status
  }

  package static func tooLargeResourceVersion(_ asked: Int64, current: Int64) -> APIStatus {
    var details = Details()
    details.causes = [
      Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "")
    ]
    details.retryAfterSeconds = 1
    return APIStatus(
      code: 504, reason: "Timeout",
      message: "Timeout: Too large resource version: \(asked), current: \(current)", details: details)
  }

  package static func bodyTooLarge(limit: Int) -> APIStatus {
    APIStatus(
      code: 413, reason: "RequestEntityTooLarge",
      message: "Request entity too large: limit is \(limit)")
  }

  package static func internalError(_ message: String) -> APIStatus {
    var details = Details()
    details.causes = [Cause(reason: "", message: message, field: "")]
    return APIStatus(
      code: 500, reason: "InternalError", message: "Internal error occurred: \(message)", details: details)
  }

  package static func unavailable(_ message: String) -> APIStatus {
    APIStatus(code: 503, reason: "ServiceUnavailable", message: message)
  }

  package static func timeout(_ message: String) -> APIStatus {
    APIStatus(code: 504, reason: "Timeout", message: "Timeout: \(message)")
  }

  /// For a client that takes too long for its request.
  static let tooSlow = timeout("request did not complete within the allotted timeout")

  /// A path nobody serves, as upstream words it for clients of the API.
  package static let unknownPath = APIStatus(
    code: 404, reason: "NotFound", message: "the server could not find the requested resource")
}

extension APIStatus.Cause {
  init(_ fault: FieldError) {
    self.init(
      reason: fault.kind.rawValue, message: fault.body, field: fault.path.isRoot ? "<nil>" : fault.path.description)
  }
}
