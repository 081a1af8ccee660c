import JSONTree
import KubernetesAPI

/// A request, as far as flow schemas look at it.
struct FlowRequest: Sendable {
  let user: User
  /// As access rules name it: `list`, or a method in small letters where no resource is asked for.
  let verb: String
  let path: String
  /// `nil` for other paths than resources'.
  let info: RequestInfo?
}

/// A FlowSchema, ready to be asked whether a request is one of its own.
struct FlowSchema: Sendable {
  private struct Rule: Sendable {
    let users: Set<String>
    let groups: Set<String>
    /// Of ServiceAccounts: `system:serviceaccount:NAMESPACE:`, where all of a namespace are meant.
    let accounts: [String]
    let resources: [ResourceRule]
    let paths: [AccessRule]
  }

  private struct ResourceRule: Sendable {
    let verbs: [String]
    let groups: [String]
    let resources: [String]
    let namespaces: [String]
    let isClusterWide: Bool
  }

  let name: String
  let uid: String
  let level: String
  let precedence: Int64
  private let method: String
  private let rules: [Rule]

  init(_ object: JSON) {
    name = object.name
    uid = object.uid
    level = object.spec[path: "priorityLevelConfiguration", "name"]?.string ?? ""
    precedence = object.spec["matchingPrecedence"]?.int ?? 0
    method = object.spec[path: "distinguisherMethod", "type"]?.string ?? ""
    rules = (object.spec["rules"]?.items ?? []).map(Self.rule)
  }

  private static func rule(_ json: JSON) -> Rule {
    var (users, groups, accounts): (Set<String>, Set<String>, [String]) = ([], [], [])
    for subject in json["subjects"]?.items ?? [] {
      switch subject["kind"]?.string {
      case "User": users.insert(subject[path: "user", "name"]?.string ?? "")
      case "Group": groups.insert(subject[path: "group", "name"]?.string ?? "")
      default:
        let name = subject[path: "serviceAccount", "name"]?.string ?? ""
        let prefix = "system:serviceaccount:\(subject[path: "serviceAccount", "namespace"]?.string ?? ""):"
        if name == "*" { accounts.append(prefix) } else { users.insert(prefix + name) }
      }
    }
    return Rule(
      users: users, groups: groups, accounts: accounts,
      resources: (json["resourceRules"]?.items ?? []).map(resourceRule),
      paths: (json["nonResourceRules"]?.items ?? []).map(AccessRule.init))
  }

  private static func resourceRule(_ json: JSON) -> ResourceRule {
    func list(_ name: String) -> [String] { (json[name]?.items ?? []).compactMap(\.string) }
    return ResourceRule(
      verbs: list("verbs"), groups: list("apiGroups"), resources: list("resources"), namespaces: list("namespaces"),
      isClusterWide: json["clusterScope"] == true)
  }

  func fits(_ request: FlowRequest) -> Bool {
    rules.contains { rule in
      Self.concerns(rule, request.user)
        && (request.info.map { info in rule.resources.contains { Self.fits($0, request.verb, info) } }
          ?? rule.paths.contains { $0.allows(AccessAction(verb: request.verb, path: request.path)) })
    }
  }

  private static func concerns(_ rule: Rule, _ user: User) -> Bool {
    if user.groups.contains(where: rule.groups.contains) || rule.users.contains(user.name) { return true }
    return rule.users.contains("*") || rule.groups.contains("*") || rule.accounts.contains(where: user.name.hasPrefix)
  }

  private static func fits(_ rule: ResourceRule, _ verb: String, _ info: RequestInfo) -> Bool {
    func holds(_ list: [String], _ value: String) -> Bool { list.contains("*") || list.contains(value) }
    let resource = info.subresource.isEmpty ? info.resource : "\(info.resource)/\(info.subresource)"
    guard holds(rule.verbs, verb), holds(rule.groups, info.groupVersion.group), holds(rule.resources, resource) else {
      return false
    }
    return info.namespace.isEmpty ? rule.isClusterWide : holds(rule.namespaces, info.namespace)
  }

  /// What tells the request's flow from others of the schema.
  func flow(of request: FlowRequest) -> UInt64 {
    let distinguisher =
      switch method {
      case "ByUser": request.user.name
      case "ByNamespace": request.info?.namespace ?? ""
      default: ""
      }
    return FNV1a.hash64(Array(name.utf8) + [0] + Array(distinguisher.utf8))
  }
}
