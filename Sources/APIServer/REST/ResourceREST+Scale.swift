import JSONTree
import KubernetesAPI

extension ResourceREST {
  static let scaleKind = ResourceKind(
    "Scale", plural: "scales", in: .autoscaling, schema: "io.k8s.api.autoscaling.v1.Scale")

  /// The `scale` subresource of a workload: its replica count as an `autoscaling/v1` Scale.
  func scale(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    switch request.info.verb {
    case "get":
      guard let object = try registry.object(request.kind, request.name) else {
        throw .notFound(request.kind, request.info.name)
      }
      return try answer(Self.scale(of: object.tree()), to: request)
    case "update":
      let scale = try decoded(try request.requiredBody(), as: Self.scaleKind, for: request).0
      return try await changeScale(request) { (_) throws(APIStatus) in scale }
    case "patch":
      if let configuration = try ApplyBody(request) { return try await applyScale(configuration, request) }
      let patch = try PatchBody(request)
      return try await changeScale(request) { (scale) throws(APIStatus) in
        try patched(scale, by: patch, as: Self.scaleKind, for: request).0
      }
    default: throw .methodNotAllowed("the server does not allow this method on the requested resource")
    }
  }

  private func changeScale(
    _ request: ResourceRequest, _ transform: @Sendable (JSON) throws(APIStatus) -> JSON
  ) async throws(APIStatus) -> APIServerResponse {
    let manager = try request.fieldManager()
    let written = try await change(request, writtenBy: manager) { (old) throws(APIStatus) in
      var scale = try transform(Self.scale(of: old))
      try checkNames(&scale, for: request)
      let replicas = try Self.replicas(of: scale, name: request.info.name)
      var object = old
      object[path: "spec", "replicas"] = .int(replicas)
      object[path: "metadata", "resourceVersion"] = scale["metadata"]?["resourceVersion"]
      return object
    }
    return try answerScale(written, to: request)
  }

  static func replicas(of scale: JSON, name: String) throws(APIStatus) -> Int64 {
    let replicas = scale[path: "spec", "replicas"]?.int ?? 0
    guard replicas < 0 else { return replicas }
    throw .invalid(
      scaleKind, name,
      [
        APIStatus.Cause(
          reason: "FieldValueInvalid",
          message: "Invalid value: \(replicas): must be greater than or equal to 0", field: "spec.replicas")
      ])
  }

  func answerScale(
    _ written: Written, to request: ResourceRequest, warnings: [String] = []
  ) throws(APIStatus) -> APIServerResponse {
    switch written {
    case .stored(let cached): try answer(Self.scale(of: cached.tree()), to: request, warnings: warnings)
    case .dryRun(let tree): try answer(Self.scale(of: tree), to: request, warnings: warnings)
    }
  }

  static func scale(of object: JSON) -> JSON {
    var metadata: JSON = [:]
    for member in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
      metadata[member] = object["metadata"]?[member]
    }
    var status: JSON = ["replicas": .int(object[path: "status", "replicas"]?.int ?? 0)]
    // Replication controllers have plain labels where the others have a selector.
    let selector = object[path: "spec", "selector"].map {
      object.kind == "ReplicationController" ? ["matchLabels": $0] : $0
    }
    if let selector = try? LabelSelector(object: selector) { status["selector"] = .string(selector.description) }
    return [
      "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
      "spec": ["replicas": .int(object[path: "spec", "replicas"]?.int ?? 1)], "status": status,
    ]
  }
}
