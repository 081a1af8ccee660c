import HTTPTypes
import KubernetesAPI
import NIOCore

/// Where a request that asks for another protocol on its connection is passed on to.
struct UpgradeTarget: Sendable {
  let backend: BackendTarget
  /// Path with query.
  let target: String
  /// How a backend of a `proxy` subresource is told where the client believes it is.
  let forwarded: ProxyPath?
  /// Whoever upgrades the connection tells it of the answer, and of the end.
  var record: AuditRecord?
}

extension RequestHandler {
  /// Throws what a plain request would be refused with.
  func upgradeTarget(of request: APIServerRequest) throws(APIStatus) -> UpgradeTarget {
    guard let record = configuration.auditor?.begin(request) else { return try upgradeTarget(of: request, nil) }
    // A backend that does not upgrade is asked once more, in plain HTTP.
    if Self.split(request.target).path.split(separator: "/").contains("proxy") { record.hold() }
    do {
      var target = try upgradeTarget(of: request, record)
      target.record = record
      return target
    } catch {
      _ = record.finish(APIServerResponse(error))
      record.release()
      throw error
    }
  }

  private func upgradeTarget(
    of request: APIServerRequest, _ record: AuditRecord?
  ) throws(APIStatus) -> UpgradeTarget {
    let (path, query) = Self.split(request.target)
    let user = try user(of: request, record)
    guard var info = RequestInfo(path: path, method: request.method, query: query), !info.name.isEmpty,
      let kind = kind(info.groupVersion, info.resource), kind.subresources.contains(info.subresource),
      kind.isNamespaced != info.namespace.isEmpty
    else { throw .badRequest("this path cannot be upgraded") }
    try authorize(user, request, path: path, info: info, record)
    if info.subresource == "proxy" {
      let proxyPath = ProxyPath(target: request.target, depth: kind.isNamespaced ? 7 : 5)
      return UpgradeTarget(
        backend: try BackendTarget.find(info, kind: kind, registry: configuration.registry),
        target: proxyPath.backendTarget, forwarded: proxyPath)
    }
    guard ["exec", "attach", "portforward"].contains(info.subresource), kind == .pods else {
      throw .badRequest("this path cannot be upgraded")
    }
    // A WebSocket begins with GET whatever it is for: who may only read must not run commands by it.
    if info.verb == "get" {
      info.verb = "create"
      try authorize(user, request, path: path, info: info, record)
    }
    // The answer to an upgrade is no object, so `Accept` says nothing here.
    var plain = request
    plain.headers[.accept] = nil
    let resourceRequest = try ResourceRequest(plain, info: info, query: query, kind: kind, user: user)
    let stream = try StreamTarget(resourceRequest, registry: configuration.registry)
    return UpgradeTarget(backend: stream.backend, target: stream.target, forwarded: nil)
  }
}
