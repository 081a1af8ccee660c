import APIClient
import JSONTree
import KubernetesAPI

/// The label and field selectors of a request.
struct Selection: Sendable {
  let labels: LabelSelector
  let fields: FieldSelector

  init(_ query: [NamedValue]) throws {
    let text = { (name: String) in query.first { $0.name == name }?.value ?? "" }
    do {
      labels = try LabelSelector(text("labelSelector"))
      fields = try FieldSelector(text("fieldSelector"))
    } catch {
      throw FakeFailure(400, "BadRequest", "\(error)")
    }
  }

  func matches(_ object: JSON) -> Bool {
    labels.matches(object.labels)
      && fields.matches { field in
        let value = object[path: field.split(separator: ".").map(String.init)]
        return value?.string ?? value.map(\.description) ?? ""
      }
  }
}

/// A refusal, on its way to becoming a `Status`.
struct FakeFailure: Error {
  let code: Int
  let reason: String
  let message: String

  init(_ code: Int, _ reason: String, _ message: String) {
    self.code = code
    self.reason = reason
    self.message = message
  }

  static func notFound(_ kind: ResourceKind, _ name: String) -> FakeFailure {
    FakeFailure(404, "NotFound", "\(kind.qualifiedResource) \"\(name)\" not found")
  }

  static func conflict(_ kind: ResourceKind, _ name: String, _ text: String) -> FakeFailure {
    FakeFailure(
      409, "Conflict", "Operation cannot be fulfilled on \(kind.qualifiedResource) \"\(name)\": \(text)")
  }

  var status: JSON {
    var status: JSON = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
      "reason": .string(reason), "code": .int(Int64(code)),
    ]
    if reason == "NamespaceTerminating" {
      status["reason"] = "Forbidden"
      status["details"] = ["causes": [["reason": "NamespaceTerminating"]]]
    }
    return status
  }
}
