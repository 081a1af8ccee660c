import HTTPTypes
import JSONTree
import KubernetesAPI

/// The reviews: questions that are answered and not stored.
extension RequestHandler {
  /// `nil` for other resources.
  func review(
    _ request: APIServerRequest, info: RequestInfo, query: QueryParameters, user: User
  ) async throws(APIStatus) -> APIServerResponse? {
    guard
      let virtual = VirtualResource.all.first(where: {
        $0.groupVersion == info.groupVersion && $0.plural == info.resource
      })
    else { return nil }
    guard virtual.isNamespaced == !info.namespace.isEmpty, info.name.isEmpty else { throw .unknownPath }
    guard info.verb == "create" else {
      throw .methodNotAllowed("the server does not allow this method on the requested resource")
    }
    let kind = virtual.resourceKind
    let resourceRequest = try ResourceRequest(
      request, info: info, query: query, kind: kind, user: user, allowsTables: false)
    var (review, warnings) = try rest.decoded(try resourceRequest.requiredBody(), for: resourceRequest)
    if virtual == .bindings {
      var pod = info
      pod.name = review.name
      return try await rest.bind(ResourceRequest(request, info: pod, query: query, kind: .pods, user: user))
    }
    switch virtual {
    case .tokenReviews: review["status"] = try tokenStatus(review, kind)
    case .selfSubjectReviews: review["status"] = ["userInfo": user.json]
    case .selfSubjectRulesReviews: review["status"] = try rulesStatus(review, user, kind)
    default: review["status"] = try accessStatus(review, of: virtual, info: info, user: user)
    }
    return try rest.answer(review, to: resourceRequest, code: 201, warnings: warnings)
  }

  private func tokenStatus(_ review: JSON, _ kind: ResourceKind) throws(APIStatus) -> JSON {
    let tokens = configuration.authenticator.tokens
    let given = (review[path: "spec", "audiences"]?.items ?? []).compactMap(\.string)
    let audiences = given.isEmpty ? [tokens.defaultAudience] : given
    guard let text = review[path: "spec", "token"]?.string, !text.isEmpty else {
      throw .badRequest("token is required for TokenReview in authentication")
    }
    guard let found = configuration.authenticator.user(ofToken: text, audiences: audiences) else {
      return ["user": [:], "error": "[invalid bearer token]"]
    }
    return [
      "authenticated": true, "user": found.user.json, "audiences": .array(found.audiences.map { .string($0) }),
    ]
  }

  private func accessStatus(
    _ review: JSON, of virtual: VirtualResource, info: RequestInfo, user: User
  ) throws(APIStatus) -> JSON {
    let kind = virtual.resourceKind
    let spec = review.spec
    var subject = user
    if virtual != .selfSubjectAccessReviews {
      let name = spec["user"]?.string ?? ""
      let groups = (spec["groups"]?.items ?? []).compactMap(\.string)
      if name.isEmpty, groups.isEmpty {
        throw .invalid(
          kind, "",
          [
            APIStatus.Cause(
              .invalid(FieldPath("spec", "user"), "", "at least one of user or group must be specified"))
          ])
      }
      subject = User(name: name, uid: spec["uid"]?.string ?? "", groups: groups)
    }
    let resource = spec["resourceAttributes"]
    let path = spec["nonResourceAttributes"]
    guard (resource == nil) != (path == nil) else {
      throw .invalid(
        kind, "",
        [
          APIStatus.Cause(
            .invalid(
              FieldPath("spec", "resourceAttributes"), resource ?? .null,
              resource == nil
                ? "exactly one of nonResourceAttributes or resourceAttributes must be specified"
                : "cannot be specified in combination with nonResourceAttributes"))
        ])
    }
    if virtual == .localSubjectAccessReviews, resource?["namespace"]?.string != info.namespace {
      throw .invalid(
        kind, "",
        [
          APIStatus.Cause(
            .invalid(
              FieldPath("spec", "resourceAttributes", "namespace"), resource?["namespace"] ?? "",
              "must match metadata.namespace"))
        ])
    }
    let decision = configuration.authorizer.decide(Self.action(resource, path), by: subject)
    var status: JSON = ["allowed": .bool(decision.isAllowed)]
    if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
    return status
  }

  private static func action(_ resource: JSON?, _ path: JSON?) -> AccessAction {
    guard let resource else {
      return AccessAction(verb: path?["verb"]?.string ?? "", path: path?["path"]?.string ?? "")
    }
    func text(_ name: String) -> String { resource[name]?.string ?? "" }
    return AccessAction(
      verb: text("verb"),
      resource: .init(
        group: text("group"), resource: text("resource"), subresource: text("subresource"),
        namespace: text("namespace"), name: text("name")))
  }

  private func rulesStatus(_ review: JSON, _ user: User, _ kind: ResourceKind) throws(APIStatus) -> JSON {
    let namespace = review.spec["namespace"]?.string ?? ""
    guard !namespace.isEmpty else { throw .badRequest("no namespace on request") }
    let rules = try configuration.authorizer.roles.index().rules(of: user, in: namespace)
    return [
      "resourceRules": .array(rules.filter { $0.nonResourceURLs.isEmpty }.map(\.json)),
      "nonResourceRules": .array(rules.filter { !$0.nonResourceURLs.isEmpty }.map(\.json)), "incomplete": false,
    ]
  }
}
