/// What a subresource is called, what it answers with and what may be done to it.
package struct SubresourceKind: Hashable, Sendable {
  /// As in paths: `status`.
  package let name: String
  package let groupVersion: GroupVersion
  /// The kind that requests or answers carry.
  package let kind: String
  package let schemaName: String
  package let verbs: [String]
}

extension ResourceKind {
  /// The subresources this kind names in ``subresources``, with what is known of them.
  package var subresourceKinds: [SubresourceKind] { subresources.map(subresourceKind) }

  private func subresourceKind(_ name: String) -> SubresourceKind {
    let core = "io.k8s.api.core.v1"
    func make(_ groupVersion: GroupVersion, _ kind: String, _ schema: String, _ verbs: [String]) -> SubresourceKind {
      SubresourceKind(name: name, groupVersion: groupVersion, kind: kind, schemaName: schema, verbs: verbs)
    }
    let all = ["create", "delete", "get", "patch", "update"]
    switch name {
    case "scale":
      return make(.autoscaling, "Scale", "io.k8s.api.autoscaling.v1.Scale", ["get", "patch", "update"])
    case "token":
      return make(.authentication, "TokenRequest", "io.k8s.api.authentication.v1.TokenRequest", ["create"])
    case "eviction":
      return make(GroupVersion(group: "policy", version: "v1"), "Eviction", "io.k8s.api.policy.v1.Eviction", ["create"])
    case "binding": return make(.core, "Binding", "\(core).Binding", ["create"])
    case "exec": return make(.core, "PodExecOptions", "\(core).PodExecOptions", ["create", "get"])
    case "attach": return make(.core, "PodAttachOptions", "\(core).PodAttachOptions", ["create", "get"])
    case "portforward":
      return make(.core, "PodPortForwardOptions", "\(core).PodPortForwardOptions", ["create", "get"])
    case "proxy": return make(.core, "\(kind)ProxyOptions", "\(core).\(kind)ProxyOptions", all)
    case "log": return make(groupVersion, kind, schemaName, ["get"])
    case "finalize": return make(groupVersion, kind, schemaName, ["update"])
    default: return make(groupVersion, kind, schemaName, ["get", "patch", "update"])
    }
  }

  /// What may be done to the kind's objects, in discovery's order.
  package var verbs: [String] {
    let all = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    if self == .componentStatuses { return ["get", "list"] }
    return self == .namespaces ? all.filter { $0 != "deletecollection" } : all
  }
}

/// A resource that is asked and answered but never stored, as `tokenreviews` is.
package struct VirtualResource: Hashable, Sendable {
  package let groupVersion: GroupVersion
  package let kind: String
  package let plural: String
  package let isNamespaced: Bool
  package let schemaName: String

  package static let tokenReviews = VirtualResource(
    groupVersion: .authentication, kind: "TokenReview", plural: "tokenreviews", isNamespaced: false,
    schemaName: "io.k8s.api.authentication.v1.TokenReview")
  package static let selfSubjectReviews = VirtualResource(
    groupVersion: .authentication, kind: "SelfSubjectReview", plural: "selfsubjectreviews", isNamespaced: false,
    schemaName: "io.k8s.api.authentication.v1.SelfSubjectReview")
  /// A pod's `binding`, with the pod's name in the body.
  package static let bindings = VirtualResource(
    groupVersion: .core, kind: "Binding", plural: "bindings", isNamespaced: true,
    schemaName: "io.k8s.api.core.v1.Binding")
  package static let subjectAccessReviews = authorization("SubjectAccessReview")
  package static let localSubjectAccessReviews = authorization("LocalSubjectAccessReview", isNamespaced: true)
  package static let selfSubjectAccessReviews = authorization("SelfSubjectAccessReview")
  package static let selfSubjectRulesReviews = authorization("SelfSubjectRulesReview")

  package static let all = [
    bindings, tokenReviews, selfSubjectReviews, subjectAccessReviews, localSubjectAccessReviews,
    selfSubjectAccessReviews,
    selfSubjectRulesReviews,
  ]

  private static func authorization(_ kind: String, isNamespaced: Bool = false) -> VirtualResource {
    VirtualResource(
      groupVersion: .authorization, kind: kind, plural: kind.lowercased() + "s", isNamespaced: isNamespaced,
      schemaName: "io.k8s.api.authorization.v1.\(kind)")
  }

  /// For decoding and refusing what is sent.
  package var resourceKind: ResourceKind {
    ResourceKind(kind, plural: plural, in: groupVersion, schema: schemaName, isNamespaced: isNamespaced)
  }
}
