package import KubernetesAPI

/// Decides whether a user may do something: the superusers may do all, nodes what concerns them, everybody what their
/// roles say.
package final class Authorizer: Sendable {
  let roles: RoleAuthorizer
  private let nodes: NodeAuthorizer
  private static let superusers = "system:masters"

  package init(registry: Registry) {
    roles = RoleAuthorizer(registry: registry)
    nodes = NodeAuthorizer(registry: registry)
  }

  func decide(_ action: AccessAction, by user: User) -> AuthorizationDecision {
    if user.groups.contains(Self.superusers) { return AuthorizationDecision(isAllowed: true, reason: "") }
    if let decision = nodes.decide(action, by: user) { return decision }
    return roles.decide(action, by: user)
  }
}

package struct AuthorizationDecision: Sendable {
  package let isAllowed: Bool
  package let reason: String

  package init(isAllowed: Bool, reason: String) {
    self.isAllowed = isAllowed
    self.reason = reason
  }
}

extension AccessAction {
  /// What a request does. A path that is no resource's stands for itself.
  init(verb: String, path: String, _ info: RequestInfo?, _ query: QueryParameters? = nil) {
    self.init(verb: verb, path: path)
    guard let info, !info.resource.isEmpty else { return }
    resource = Resource(
      group: info.groupVersion.group, resource: info.resource, subresource: info.subresource,
      namespace: info.namespace, name: info.name, fieldSelector: query?.text("fieldSelector") ?? "")
  }

  /// As the refusal says it: `cannot list resource "pods" in API group "" in the namespace "default"`.
  var text: String {
    guard let resource else { return "cannot \(verb) path \(path.goQuoted)" }
    let place = resource.namespace.isEmpty ? "at the cluster scope" : "in the namespace \(resource.namespace.goQuoted)"
    return "cannot \(verb) resource \(resource.qualified.goQuoted) in API group \(resource.group.goQuoted) \(place)"
  }
}

extension APIStatus {
  /// 403: who may not do what.
  static func forbidden(_ action: AccessAction, user: User, reason: String) -> APIStatus {
    let why = reason.isEmpty ? "" : ": \(reason)"
    let text = "User \(user.name.goQuoted) \(action.text)\(why)"
    guard let resource = action.resource else {
      return APIStatus(code: 403, reason: "Forbidden", message: "forbidden: \(text)", details: APIStatus.Details())
    }
    let qualified = resource.group.isEmpty ? resource.resource : "\(resource.resource).\(resource.group)"
    let subject = resource.name.isEmpty ? qualified : "\(qualified) \(resource.name.goQuoted)"
    var details = APIStatus.Details()
    details.name = resource.name
    details.group = resource.group
    details.kind = resource.resource
    return APIStatus(code: 403, reason: "Forbidden", message: "\(subject) is forbidden: \(text)", details: details)
  }
}
