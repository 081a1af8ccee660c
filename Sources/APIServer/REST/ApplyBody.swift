import HTTPTypes
import JSONTree
import KubernetesAPI

/// The body of a PATCH that applies a configuration.
struct ApplyBody: Sendable {
  static let mediaType = "application/apply-patch+yaml"

  let configuration: JSON
  let manager: String
  let force: Bool
  /// What is to be said of repeated members.
  let warnings: [String]

  static func isApply(_ request: ResourceRequest) -> Bool {
    request.info.verb == "patch" && MediaType.essence(request.request.headers[.contentType] ?? "") == mediaType
  }

  /// `nil` for a patch in another format.
  init?(_ request: ResourceRequest) throws(APIStatus) {
    guard Self.isApply(request) else { return nil }
    guard request.query.text("fieldManager") != nil else {
      throw .invalidOptions(
        "PatchOptions", [.required(FieldPath("fieldManager"), "is required for apply patch")])
    }
    manager = try request.fieldManager()
    force = request.query.flag("force")
    let body: RequestBody
    do throws(APIStatus) {
      body = try RequestBody(request.request.body, contentType: "application/yaml")
    } catch {
      throw .badRequest("error decoding YAML: \(error.message)")
    }
    configuration = body.tree
    var warnings: [String] = []
    // JSON is one line of YAML.
    let named = body.duplicates.map { path in
      "  line 1: key \((path.split(separator: ".").last.map(String.init) ?? path).goQuoted) already set in map"
    }
    let fault =
      body.repetitionFault
      ?? (named.isEmpty ? nil : "yaml: unmarshal errors:\n" + named.joined(separator: "\n"))
    if let fault, request.fieldValidation != .ignore {
      let text = "error converting YAML to JSON: \(fault)"
      if request.fieldValidation == .strict { throw .badRequest("error strict decoding YAML: \(text)") }
      warnings = [text]
    }
    self.warnings = warnings
  }
}
