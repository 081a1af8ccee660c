package import JSONTree

/// A Kubernetes `Status`: the answer to a request that was refused or failed (`meta/v1` in Kubernetes' API reference).
package struct APIStatus: Error, Sendable, CustomStringConvertible {
  package struct Cause: Sendable, Hashable {
    package var reason: String
    package var message: String
    package var field: String

    package init(reason: String, message: String, field: String) {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }

  package struct Details: Sendable {
    package var name = ""
    package var group = ""
    package var kind = ""
    package var uid = ""
    package var causes: [Cause] = []
    package var retryAfterSeconds: Int?

    package init() {}
  }

  package var code: Int
  package var reason: String
  package var message: String
  package var details: Details?
  /// A token by which a list can go on all the same.
  package var continuation: String?

  package init(code: Int, reason: String, message: String, details: Details? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
  }

  package var description: String { message }

  package var json: JSON {
    var status: JSON = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
    ]
    if let continuation { status[path: "metadata", "continue"] = .string(continuation) }
    if !reason.isEmpty { status["reason"] = .string(reason) }
    if let details { status["details"] = details.json }
    status["code"] = .int(Int64(code))
    return status
  }
}

extension APIStatus.Details {
  fileprivate var json: JSON {
    var object = JSONObject()
    if !name.isEmpty { object["name"] = .string(name) }
    if !group.isEmpty { object["group"] = .string(group) }
    if !kind.isEmpty { object["kind"] = .string(kind) }
    if !uid.isEmpty { object["uid"] = .string(uid) }
    if !causes.isEmpty {
      object["causes"] = .array(
        causes.map { cause in
          var json: JSON = ["reason": .string(cause.reason), "message": .string(cause.message)]
          if !cause.field.isEmpty { json["field"] = .string(cause.field) }
          return json
        })
    }
    if let retryAfterSeconds { object["retryAfterSeconds"] = .int(Int64(retryAfterSeconds)) }
    return .object(object)
  }
}
