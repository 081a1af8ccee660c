import HTTPTypes
import JSONTree
package import KubernetesAPI
package import Logging
import NIOCore

/// The API server without a transport: every request, over TLS or in the same process, comes through here.
package final class RequestHandler: Sendable {
  package struct Configuration: Sendable {
    package var registry: Registry
    package var strategies: Strategies
    package var authenticator: Authenticator
    package var authorizer: Authorizer
    package var nodeProxy: any NodeProxy
    /// Signs for nodes that join.
    package var identity: ClusterIdentity
    /// `HOST:PORT` by which clients reach the server.
    package var serverAddress: String
    package var logger: Logger
    /// Keeps what is asked; nothing is kept if `nil`.
    package var auditor: Auditor?
    /// Parts of the control plane besides the store.
    package var components: [ControlPlaneComponent]
    package var podSecurity = PodSecurityConfiguration()

    package init(
      registry: Registry, strategies: Strategies, authenticator: Authenticator, authorizer: Authorizer,
      nodeProxy: any NodeProxy, identity: ClusterIdentity, serverAddress: String, logger: Logger,
      auditor: Auditor? = nil, components: [ControlPlaneComponent] = []
    ) {
      self.registry = registry
      self.strategies = strategies
      self.authenticator = authenticator
      self.authorizer = authorizer
      self.nodeProxy = nodeProxy
      self.serverAddress = serverAddress
      self.identity = identity
      self.logger = logger
      self.auditor = auditor
      self.components = components
    }
  }

  package let configuration: Configuration
  let rest: ResourceREST
  let metrics: ServerMetrics
  let flow: FlowController
  private let documents: DocumentEndpoints
  private let kinds: [String: ResourceKind]
  private static let publicPaths = ["/healthz", "/livez", "/readyz", "/version"]

  package init(_ configuration: Configuration) {
    self.configuration = configuration
    rest = ResourceREST(
      registry: configuration.registry, strategies: configuration.strategies,
      admission: Admission(
        registry: configuration.registry, authorizer: configuration.authorizer,
        legacyTokens: LegacyTokens(
          tokens: configuration.authenticator.tokens, authority: configuration.identity.authority.certificate),
        podSecurity: configuration.podSecurity))
    flow = FlowController(registry: configuration.registry)
    metrics = ServerMetrics(requests: RequestMetrics(), registry: configuration.registry, flow: flow)
    documents = DocumentEndpoints(
      serverAddress: configuration.serverAddress, tokens: configuration.authenticator.tokens)
    var kinds: [String: ResourceKind] = [:]
    for kind in ResourceKind.discovered { kinds["\(kind.groupVersion)/\(kind.plural)"] = kind }
    self.kinds = kinds
  }

  package func kind(_ groupVersion: GroupVersion, _ plural: String) -> ResourceKind? {
    kinds["\(groupVersion)/\(plural)"]
  }

  /// Answers a request. Never fails: what goes wrong is a Status in the answer.
  package func handle(_ request: APIServerRequest) async -> APIServerResponse {
    let isMutating = request.method != .get && request.method != .head
    metrics.requests.begin(isMutating: isMutating)
    let start = ContinuousClock.now
    let record = configuration.auditor?.begin(request)
    var response = await answer(request, record)
    if let record { response = record.finish(response) }
    response = ResponseCompression.compressed(response, for: request.headers)
    let (path, query) = Self.split(request.target)
    let info = RequestInfo(path: path, method: request.method, query: query)
    metrics.requests.end(
      RequestMetrics.Labels(request, info, query: query), isMutating: isMutating, code: response.status.code,
      seconds: (ContinuousClock.now - start) / .seconds(1))
    return response
  }

  private func answer(_ request: APIServerRequest, _ record: AuditRecord?) async -> APIServerResponse {
    var ticket: FlowController.Ticket?
    var response: APIServerResponse
    do {
      response = try await respond(to: request, record, &ticket)
    } catch {
      if error.code >= 500 {
        configuration.logger.warning(
          "a request failed",
          metadata: ["method": "\(request.method)", "target": "\(request.target)", "error": "\(error)"])
      }
      response = APIServerResponse(error)
    }
    response = ProtobufAnswers.converted(response, accept: request.headers[.accept])
    if let ticket {
      ticket.mark(&response)
      flow.finish(ticket)
    }
    return response
  }

  private func respond(
    to request: APIServerRequest, _ record: AuditRecord?, _ ticket: inout FlowController.Ticket?
  ) async throws(APIStatus) -> APIServerResponse {
    let (path, query) = Self.split(request.target)
    let info = RequestInfo(path: path, method: request.method, query: query)
    try RequestTimeout.check(query, info)
    if path == NodeJoin.authorityPath, request.method == .get {
      return APIServerResponse(text: configuration.identity.authority.certificate)
    }
    let isPublic = Self.publicPaths.contains { path == $0 || path.hasPrefix("\($0)/") }
    let user = try user(of: request, record, admitsStrangers: isPublic)
    if let refusal = await admit(request, by: user, path: path, info: info, &ticket) { return refusal }
    if isPublic { return try await publicAnswer(request, path: path, query: query) }
    try authorize(user, request, path: path, info: info, record)
    if path == "/metrics", request.method == .get { return metrics.answer() }
    if path == NodeJoin.path { return try join(request, by: user) }
    guard let info, !info.resource.isEmpty else {
      guard let answer = try documents.answer(request, path: path, query: query) else {
        return APIServerResponse(text: "404 page not found\n", code: 404)
      }
      return answer
    }
    return try await respond(to: request, info: info, query: query, user: user, notes: record?.notes ?? RequestNotes())
  }

  static func split(_ target: String) -> (path: String, query: QueryParameters) {
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target, QueryParameters("")) }
    return (String(target[..<mark]), QueryParameters(target[target.utf8.index(after: mark)...]))
  }

  /// What everybody may read.
  private func publicAnswer(
    _ request: APIServerRequest, path: String, query: QueryParameters
  ) async throws(APIStatus) -> APIServerResponse {
    guard request.method == .get || request.method == .head else {
      throw .methodNotAllowed("the server does not allow this method on the requested resource")
    }
    if path == "/version" || path == "/version/" { return APIServerResponse(json: ServerVersion.json, indented: true) }
    return HealthEndpoints.answer(
      path: path, query: query, storeFault: await configuration.registry.storeFault())
  }

  func authorize(
    _ user: User, _ request: APIServerRequest, path: String, info: RequestInfo?, _ record: AuditRecord? = nil
  ) throws(APIStatus) {
    let action = AccessAction(
      verb: info?.verb ?? request.method.rawValue.lowercased(), path: path, info, Self.split(request.target).query)
    let decision = configuration.authorizer.decide(action, by: user)
    record?.decide(decision)
    if !decision.isAllowed { throw .forbidden(action, user: user, reason: decision.reason) }
  }

  private func respond(
    to request: APIServerRequest, info: RequestInfo, query: QueryParameters, user: User, notes: RequestNotes
  ) async throws(APIStatus) -> APIServerResponse {
    if let answer = try await review(request, info: info, query: query, user: user) { return answer }
    guard let kind = kind(info.groupVersion, info.resource) else { throw .unknownPath }
    if kind.isNamespaced, info.namespace.isEmpty, !["list", "watch", "deletecollection"].contains(info.verb) {
      throw .unknownPath
    }
    if !kind.isNamespaced, !info.namespace.isEmpty { throw .unknownPath }
    // What a backend is asked is the backend's: nothing of it is looked at here.
    if info.subresource == "proxy", kind.subresources.contains("proxy"), !info.name.isEmpty {
      return try await configuration.nodeProxy.proxy(request, info, kind: kind, registry: configuration.registry)
    }
    if request.method == .get, let revision = query.text("resourceVersion").flatMap({ Int64($0) }) {
      await configuration.registry.awaitRevision(revision)
    }
    let resourceRequest = try ResourceRequest(request, info: info, query: query, kind: kind, user: user, notes: notes)
    if kind == .componentStatuses { return try await components(resourceRequest) }
    if let conversion = KindConversion.of(kind) { return try await converted(resourceRequest, by: conversion) }
    return Self.warned(try await perform(resourceRequest), of: kind)
  }

  /// Endpoints are outdated, which every answer about them says.
  static func warned(_ answer: APIServerResponse, of kind: ResourceKind) -> APIServerResponse {
    guard kind == .endpoints else { return answer }
    var answer = answer
    ResourceREST.add([ObjectWarnings.deprecatedEndpoints], to: &answer)
    return answer
  }

  /// Does what a request for a stored kind asks.
  func perform(_ resourceRequest: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let (info, kind) = (resourceRequest.info, resourceRequest.kind)
    if !info.subresource.isEmpty { return try await subresource(resourceRequest) }
    switch info.verb {
    case "get": return try rest.get(resourceRequest)
    case "list": return try rest.list(resourceRequest)
    case "watch": return try rest.watch(resourceRequest)
    case "create" where info.name.isEmpty: return try await rest.create(resourceRequest)
    case "update" where !info.name.isEmpty:
      try authorizeCreation(by: resourceRequest)
      return try await rest.update(resourceRequest)
    case "patch" where !info.name.isEmpty:
      try authorizeCreation(by: resourceRequest)
      return try await rest.patch(resourceRequest)
    case "delete": return try await rest.delete(resourceRequest)
    case "deletecollection" where kind.verbs.contains(info.verb):
      return try await rest.deleteCollection(resourceRequest)
    default: throw .methodNotAllowed("the server does not allow this method on the requested resource")
    }
  }
}
