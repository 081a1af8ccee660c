import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore

extension ResourceREST {
  func patch(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    if MediaType.essence(request.request.headers[.contentType] ?? "") == Self.applyMediaType {
      return try await apply(request)
    }
    if request.query["force"] != nil {
      throw .invalidOptions(
        "PatchOptions", [.forbidden(FieldPath("force"), "may not be specified for non-apply patch")])
    }
    let patch = try PatchBody(request)
    let result = PatchWarnings()
    let written = try await change(request) { (old) throws(APIStatus) in
      var patched = try patch.apply(to: old, kind: request.kind)
      try checkNames(&patched, for: request)
      let (object, warnings) = try decoded(
        RequestBody(tree: patched, duplicates: patch.duplicates), for: request)
      result.set(warnings)
      return object
    }
    return try answer(written, to: request, code: 200, warnings: result.warnings)
  }
}
