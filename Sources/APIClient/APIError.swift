package import JSONTree
import KubernetesAPI

/// Why a request to the API came to nothing.
package struct APIError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable, Hashable {
    /// The server answered with a `Status` of failure: see ``APIError/httpStatus`` and ``APIError/reason``.
    case status
    /// The server could not be reached, or the connection broke.
    case connection
    /// No answer within the request's timeout.
    case timedOut
    /// The answer was not what the protocol promises.
    case malformedAnswer
    /// Kubeconfig, certificates or arguments are not usable.
    case configuration
  }

  package let code: Code
  package let message: String
  /// The HTTP status where the server answered, else 0.
  package let httpStatus: Int
  /// Kubernetes' machine-readable word, `NotFound` for example; empty where there is none.
  package let reason: String
  /// `Status.details`.
  package let details: JSON?
  package let cause: (any Error)?
  package let location: String

  package init(
    _ code: Code, _ message: String, httpStatus: Int = 0, reason: String = "", details: JSON? = nil,
    cause: (any Error)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.code = code
    self.message = message
    self.httpStatus = httpStatus
    self.reason = reason
    self.details = details
    self.cause = cause
    location = "\(file):\(line)"
  }

  package var description: String {
    var text = message
    if code == .status { text += " (\(httpStatus) \(reason))" }
    if let cause { text += ": \(cause)" }
    return text
  }
}

extension APIError {
  /// From a `Status` object, or from whatever body came with a failing HTTP status.
  package init(httpStatus: Int, body: [UInt8], request: String, file: StaticString = #fileID, line: UInt = #line) {
    if let status = try? JSON.parse(body), status.kind == "Status" {
      self.init(status: status, httpStatus: httpStatus, file: file, line: line)
    } else {
      let text = String(decoding: body.prefix(500), as: UTF8.self)
      self.init(
        .status, "\(request) was answered with \(httpStatus)" + (text.isEmpty ? "" : ": \(text)"),
        httpStatus: httpStatus, reason: Self.reason(of: httpStatus), file: file, line: line)
    }
  }

  /// From a `Status` object; `httpStatus` counts only where the object has no code of its own.
  package init(status: JSON, httpStatus: Int = 500, file: StaticString = #fileID, line: UInt = #line) {
    let code = status["code"]?.int.map { Int($0) } ?? httpStatus
    self.init(
      .status, status["message"]?.string ?? "the server gave no message", httpStatus: code,
      reason: status["reason"]?.string ?? Self.reason(of: code), details: status["details"], file: file, line: line)
  }

  private static func reason(of httpStatus: Int) -> String {
    switch httpStatus {
    case 400: "BadRequest"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "NotFound"
    case 405: "MethodNotAllowed"
    case 409: "Conflict"
    case 410: "Gone"
    case 422: "Invalid"
    case 429: "TooManyRequests"
    case 503: "ServiceUnavailable"
    case 504: "Timeout"
    default: httpStatus >= 500 ? "InternalError" : "Unknown"
    }
  }
}

extension APIError {
  package var isNotFound: Bool { httpStatus == 404 }
  /// An object of that name exists already.
  package var isAlreadyExists: Bool { reason == "AlreadyExists" }
  /// The object changed since it was read, or a precondition failed.
  package var isConflict: Bool { httpStatus == 409 && reason != "AlreadyExists" }
  /// The resource version or continue token is too old: list again.
  package var isExpired: Bool { httpStatus == 410 }
  package var isInvalid: Bool { httpStatus == 422 }
  package var isForbidden: Bool { httpStatus == 403 }
  package var isUnauthorized: Bool { httpStatus == 401 }
  package var isTooManyRequests: Bool { httpStatus == 429 }
  /// Whether the namespace of a create is being deleted, so that trying again is in vain.
  package var isNamespaceTerminating: Bool {
    isForbidden && (details?["causes"]?.items ?? []).contains { $0["reason"]?.string == "NamespaceTerminating" }
  }
  /// How long the server asks to wait before the next try.
  package var retryAfter: Duration? { details?["retryAfterSeconds"]?.int.map { .seconds($0) } }
}

extension Error {
  /// Whether this is the API's answer that there is no such object.
  package var isNotFound: Bool { (self as? APIError)?.isNotFound ?? false }
  package var isConflict: Bool { (self as? APIError)?.isConflict ?? false }
  package var isAlreadyExists: Bool { (self as? APIError)?.isAlreadyExists ?? false }
}
