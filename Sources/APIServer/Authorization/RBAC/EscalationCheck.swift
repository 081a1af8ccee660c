import JSONTree
import KubernetesAPI

/// Nobody grants what they do not hold: rules in roles, and roles by bindings.
struct EscalationCheck: Sendable {
  let authorizer: Authorizer

  /// Throws 403 where `user` writes a role with more than they hold, or binds one.
  func check(_ object: JSON, replacing old: JSON?, kind: ResourceKind, user: User) throws(APIStatus) {
    switch kind {
    case .roles, .clusterRoles:
      guard object["rules"] != old?["rules"] || object["aggregationRule"] != old?["aggregationRule"] else { return }
      if isAllowed("escalate", kind.plural, namespace: object.namespace, name: object.name, user) { return }
      try checkRules((object["rules"]?.items ?? []).map(AccessRule.init), object, kind, user)
    case .roleBindings, .clusterRoleBindings:
      guard object["subjects"] != old?["subjects"] || object["roleRef"] != old?["roleRef"] else { return }
      let role = object["roleRef"] ?? [:]
      let name = role["name"]?.string ?? ""
      let isNamespaced = role["kind"] == "Role"
      let resource = isNamespaced ? "roles" : "clusterroles"
      if isAllowed("bind", resource, namespace: object.namespace, name: name, user) { return }
      let reference = AccessIndex.Role(
        kind: isNamespaced ? "Role" : "ClusterRole",
        name: ObjectName(namespace: isNamespaced ? object.namespace : "", name: name))
      guard let rules = try authorizer.roles.index().rules(of: reference) else {
        throw .notFound(isNamespaced ? .roles : .clusterRoles, name)
      }
      try checkRules(rules, object, kind, user)
    default: return
    }
  }

  private func isAllowed(_ verb: String, _ resource: String, namespace: String, name: String, _ user: User) -> Bool {
    let action = AccessAction(
      verb: verb,
      resource: .init(group: GroupVersion.rbac.group, resource: resource, namespace: namespace, name: name))
    return authorizer.decide(action, by: user).isAllowed
  }

  private func checkRules(
    _ rules: [AccessRule], _ object: JSON, _ kind: ResourceKind, _ user: User
  ) throws(APIStatus) {
    let held = try authorizer.roles.index().rules(of: user, in: object.namespace)
    let missing = rules.flatMap(\.atoms).filter { atom in !held.contains { $0.covers(atom) } }
    if missing.isEmpty { return }
    let groups = user.groups.map(\.goQuoted).joined(separator: " ")
    let texts = missing.map(\.text).sorted().joined(separator: "\n")
    throw .forbidden(
      kind, object.name,
      "user \(user.name.goQuoted) (groups=[\(groups)]) is attempting to grant RBAC permissions not currently held:\n"
        + texts)
  }
}
