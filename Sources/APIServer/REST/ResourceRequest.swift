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
  /// What is found while the request is answered, beside the answer.
  package let notes: RequestNotes

  init(
    _ request: APIServerRequest, info: RequestInfo, query: QueryParameters, kind: ResourceKind, user: User,
    notes: RequestNotes = RequestNotes(), allowsTables: Bool = true
  ) throws(APIStatus) {
    self.notes = notes
    self.request = request
    self.info = info
    self.query = query
    self.kind = kind
    self.user = user
    // Who lists by watching wants the objects.
    let isListing = info.verb == "watch" && query.flag("sendInitialEvents")
    format = try ResponseFormat(
      accept: request.headers[.accept] ?? "", query: query, allowsTables: allowsTables && !isListing)
    let options = Self.options(of: info.verb)
    isDryRun = try Self.isDryRun(query.all("dryRun"), options: options)
    let validation = query.text("fieldValidation")
    guard let value = validation.map(FieldValidation.init(rawValue:)) ?? .warn else {
      let supported = [""] + FieldValidation.allCases.map(\.rawValue)
      throw .invalidOptions(
        options, [.notSupported(FieldPath("fieldValidation"), .string(validation ?? ""), supported)])
    }
    fieldValidation = value
  }

  static func isDryRun(_ values: [String], options: String) throws(APIStatus) -> Bool {
    let values = values.filter { !$0.isEmpty }
    if values.isEmpty { return false }
    guard values == ["All"] else {
      throw .invalidOptions(options, [.notSupported(FieldPath("dryRun"), .string(values[0]), ["All"])])
    }
    return true
  }

  /// The kind that a request's parameters make up.
  static func options(of verb: String) -> String {
    switch verb {
    case "create": "CreateOptions"
    case "update": "UpdateOptions"
    case "patch": "PatchOptions"
    case "delete", "deletecollection": "DeleteOptions"
    default: "ListOptions"
    }
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

  /// The body as a tree. Throws a 400 where there is none.
  func requiredBody() throws(APIStatus) -> RequestBody {
    guard let body = try bodyTree() else { throw .badRequest("the request has no body") }
    return body
  }

  /// The body as a tree, from JSON or YAML. `nil` where there is none.
  func bodyTree() throws(APIStatus) -> RequestBody? {
    guard request.body.readableBytes > 0 else { return nil }
    return try RequestBody(request.body, contentType: request.headers[.contentType] ?? "")
  }
}
