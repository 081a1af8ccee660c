import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore

extension RequestHandler {
  func subresource(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let info = request.info
    guard request.kind.subresources.contains(info.subresource), !info.name.isEmpty else { throw .unknownPath }
    switch (info.subresource, info.verb) {
    case ("status", "get"): return try rest.get(request)
    case ("status", "update"), ("finalize", "update"): return try await rest.update(request)
    case ("status", "patch"): return try await rest.patch(request)
    case ("ephemeralcontainers", "get"), ("resize", "get"): return try rest.get(request)
    case ("ephemeralcontainers", "update"), ("resize", "update"): return try await rest.update(request)
    case ("ephemeralcontainers", "patch"), ("resize", "patch"): return try await rest.patch(request)
    case ("scale", _): return try await rest.scale(request)
    case ("binding", "create"): return try await rest.bind(request)
    case ("eviction", "create"): return try await rest.evict(request)
    case ("token", "create"): return try await createToken(request)
    case ("log", "get"):
      try LogRequestRules.check(request)
      return try await configuration.nodeProxy.logs(request, registry: configuration.registry)
    case ("exec", _), ("attach", _), ("portforward", _):
      _ = try StreamTarget(request, registry: configuration.registry)
      throw .badRequest("Upgrade request required")
    default: throw .methodNotAllowed("the server does not allow this method on the requested resource")
    }
  }
}
