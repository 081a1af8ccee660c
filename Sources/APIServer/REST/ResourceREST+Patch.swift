import JSONTree
import KubernetesAPI
import NIOCore

extension ResourceREST {
  func patch(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    if let configuration = try ApplyBody(request) { return try await apply(configuration, request) }
    let patch = try PatchBody(request)
    let manager = try request.fieldManager()
    let result = PatchWarnings()
    let written = try await change(request, writtenBy: manager) { (old) throws(APIStatus) in
      let (object, warnings) = try patched(old, by: patch, as: request.kind, for: request)
      result.set(warnings)
      return object
    }
    return try answer(written, to: request, warnings: result.warnings)
  }

  /// What a patch makes of an object, fitted to its schema.
  func patched(
    _ old: JSON, by patch: PatchBody, as kind: ResourceKind, for request: ResourceRequest
  ) throws(APIStatus) -> (JSON, [String]) {
    var object = try patch.apply(to: old, kind: kind)
    try checkNames(&object, for: request)
    try checkType(&object, kind)
    let shown = patch.shown(result: object)
    do {
      let warnings = try SchemaRules.decode(
        &object, complaints: patch.complaints, kind: kind, validation: request.fieldValidation)
      return (object, warnings + Self.dropRepeatedOwners(&object))
    } catch {
      throw .invalid(
        "", group: "", "", [APIStatus.Cause(.invalid(FieldPath("patch"), .string(shown()), error.reason))])
    }
  }
}
