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
      var patched = try patch.apply(to: old, kind: request.kind)
      try checkNames(&patched, for: request)
      let (object, warnings) = try decoded(
        RequestBody(tree: patched, duplicates: patch.duplicates), for: request)
      result.set(warnings)
      return object
    }
    return try answer(written, to: request, warnings: result.warnings)
  }
}
