import HTTPTypes
import JSONTree
package import KubernetesAPI
import NIOCore

/// A request for a served kind, with its parameters read.
package struct ResourceRequest: Sendable {
  package let request: APIServerRequest
  package let info: RequestInfo
  package let query: QueryParameters
  package let kind: ResourceKind
  package let user: User
  package let format: ResponseFormat
  package let isDryRun: Bool
  package let fieldValidation: FieldValidation

  init(
    _ request: APIServerRequest, info: RequestInfo, query: QueryParameters, kind: ResourceKind, user: User
  ) throws(APIStatus) {
    self.request = request
    self.info = info
    self.query = query
    self.kind = kind
    self.user = user
    format = try ResponseFormat(accept: request.headers[.accept] ?? "", query: query)
    isDryRun = try Self.isDryRun(query.all("dryRun"))
    switch query.text("fieldValidation") {
    case nil: fieldValidation = .warn
    case let text?:
      guard let value = FieldValidation(rawValue: text) else {
        throw .badRequest(
          "invalid argument: fieldValidation: Unsupported value: \"\(text)\": supported values: \"Ignore\", "
            + "\"Strict\", \"Warn\"")
      }
      fieldValidation = value
    }
  }

  static func isDryRun(_ values: [String]) throws(APIStatus) -> Bool {
    let values = values.filter { !$0.isEmpty }
    if values.isEmpty { return false }
    guard values == ["All"] else {
      throw .badRequest("dryRun: Unsupported value: \"\(values[0])\": supported values: \"All\"")
    }
    return true
  }

  package var name: ObjectName { ObjectName(namespace: namespace, name: info.name) }
  package var namespace: String { kind.isNamespaced ? info.namespace : "" }

  /// The objects the query's selectors mean.
  func selection() throws(APIStatus) -> Selection {
    var selection = Selection(namespace: namespace.isEmpty ? nil : namespace)
    if let text = query.text("labelSelector") {
      do {
        selection.labels = try LabelSelector(text)
      } catch {
        throw .badRequest("unable to parse requirement: \(error.message)")
      }
    }
    if let text = query.text("fieldSelector") { selection.fields = try FieldSelectors.parse(text, kind: kind) }
    return selection
  }

  /// The body as a tree, from JSON or YAML. `nil` where there is none.
  func bodyTree() throws(APIStatus) -> RequestBody? {
    guard request.body.readableBytes > 0 else { return nil }
    return try RequestBody(request.body, contentType: request.headers[.contentType] ?? "")
  }
}
