import JSONTree
import KubernetesAPI

/// All bindings and roles, ready to be asked. Made anew when one of them has changed; what has not is taken over.
struct AccessIndex: Sendable {
  struct Binding: Sendable {
    let kind: String
    let name: ObjectName
    let role: Role
    /// `u:NAME` and `g:GROUP`.
    let subjects: [String]

    struct Role: Hashable, Sendable {
      let kind: String
      let name: ObjectName
    }
  }

  private var bindings: [String: (revision: Int64, binding: Binding)] = [:]
  private var roles: [Role: (revision: Int64, rules: [AccessRule])] = [:]
  private var bySubject: [String: [Binding]] = [:]

  typealias Role = Binding.Role

  init() {}

  init(_ registry: Registry, previous: AccessIndex) throws(APIStatus) {
    for kind: ResourceKind in [.clusterRoleBindings, .roleBindings] {
      for object in try registry.cache(of: kind).view.objects {
        if let known = previous.bindings[object.key], known.revision == object.revision {
          bindings[object.key] = known
        } else {
          bindings[object.key] = (object.revision, Self.binding(try object.tree(), kind: kind))
        }
      }
    }
    for kind: ResourceKind in [.clusterRoles, .roles] {
      for object in try registry.cache(of: kind).view.objects {
        let role = Role(kind: kind.kind, name: object.name)
        if let known = previous.roles[role], known.revision == object.revision {
          roles[role] = known
        } else {
          roles[role] = (object.revision, (try object.tree()["rules"]?.items ?? []).map(AccessRule.init))
        }
      }
    }
    // In order of their keys, so that the reasons given are always the same.
    for (_, entry) in bindings.sorted(by: { $0.key < $1.key }) {
      for subject in Set(entry.binding.subjects) { bySubject[subject, default: []].append(entry.binding) }
    }
  }

  private static func binding(_ tree: JSON, kind: ResourceKind) -> Binding {
    let reference = tree["roleRef"] ?? [:]
    let roleKind = reference["kind"]?.string ?? ""
    let subjects = (tree["subjects"]?.items ?? []).compactMap { subject -> String? in
      let name = subject["name"]?.string ?? ""
      switch subject["kind"]?.string {
      case "User": return "u:\(name)"
      case "Group": return "g:\(name)"
      case "ServiceAccount":
        return "u:system:serviceaccount:\(subject["namespace"]?.string ?? tree.namespace):\(name)"
      default: return nil
      }
    }
    return Binding(
      kind: kind.kind, name: tree.objectName,
      role: Role(
        kind: roleKind,
        name: ObjectName(
          namespace: roleKind == "Role" ? tree.namespace : "", name: reference["name"]?.string ?? "")),
      subjects: subjects)
  }

  func rules(of role: Role) -> [AccessRule]? { roles[role]?.rules }

  /// The bindings of a user that count in a namespace; in all and outside of any where it is empty.
  func bindings(of user: User, in namespace: String) -> [(subject: String, binding: Binding)] {
    var result: [(String, Binding)] = []
    for subject in ["u:\(user.name)"] + user.groups.map({ "g:\($0)" }) {
      for binding in bySubject[subject] ?? []
      where binding.name.namespace.isEmpty || (!namespace.isEmpty && binding.name.namespace == namespace) {
        result.append((subject, binding))
      }
    }
    return result
  }

  func rules(of user: User, in namespace: String) -> [AccessRule] {
    bindings(of: user, in: namespace).flatMap { rules(of: $0.binding.role) ?? [] }
  }
}
