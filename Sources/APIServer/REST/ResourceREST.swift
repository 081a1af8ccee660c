import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore

/// The verbs of the API on stored objects, the same for every kind; what differs is in its strategy.
package struct ResourceREST: Sendable {
  package let registry: Registry
  package let strategies: Strategies

  package let admission: Admission

  package init(registry: Registry, strategies: Strategies, admission: Admission) {
    self.registry = registry
    self.strategies = strategies
    self.admission = admission
  }

  func context(_ request: ResourceRequest) -> StrategyContext {
    StrategyContext(
      registry: registry, user: request.user, isDryRun: request.isDryRun, subresource: request.info.subresource)
  }

  /// One object as the client wants it.
  func answer(
    _ object: CachedObject, to request: ResourceRequest, code: Int = 200, warnings: [String] = []
  ) throws(APIStatus) -> APIServerResponse {
    var response: APIServerResponse
    if request.format.shape == .object, request.format.encoding == .protobuf {
      response = try ProtobufAnswers.object(object, kind: request.kind, cache: registry.protobuf, code: code)
    } else if request.format.shape == .object, !request.format.isIndented {
      var buffer = ByteBufferAllocator().buffer(capacity: object.encoded.count + 1)
      buffer.writeBytes(object.encoded)
      buffer.writeInteger(UInt8(0x0a))
      response = APIServerResponse(encoded: buffer, code: code)
    } else {
      return try answer(object.tree(), to: request, code: code, warnings: warnings)
    }
    Self.add(warnings + request.notes.warnings, to: &response)
    return response
  }

  func answer(
    _ tree: JSON, to request: ResourceRequest, code: Int = 200, warnings: [String] = []
  ) throws(APIStatus) -> APIServerResponse {
    let shaped = try ObjectShaping.shape(tree, of: request)
    var response = APIServerResponse(json: shaped, code: code, indented: request.format.isIndented)
    Self.add(warnings + request.notes.warnings, to: &response)
    return response
  }

  static func add(_ warnings: [String], to response: inout APIServerResponse) {
    for warning in warnings {
      // A header is one line.
      let escaped = warning.replacing("\n", with: " ").replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      response.headers.append(HTTPField(name: .warning, value: "299 - \"\(escaped)\""))
    }
  }

  func get(_ request: ResourceRequest) throws(APIStatus) -> APIServerResponse {
    guard let object = try registry.object(request.kind, request.name) else {
      throw .notFound(request.kind, request.info.name)
    }
    if let text = request.query.text("resourceVersion") {
      let asked = try ListOptions.revision(text)
      let current = try registry.cache(of: request.kind).view.revision
      if asked > current { throw .tooLargeResourceVersion(asked, current: current) }
    }
    return try answer(object, to: request)
  }
}

extension HTTPField.Name {
  static let warning = HTTPField.Name("Warning")!
}
