import JSONTree
import KubernetesAPI

/// How much of a request is kept in the audit log.
package enum AuditLevel: String, Comparable, Sendable, CaseIterable {
  case none = "None"
  case metadata = "Metadata"
  case request = "Request"
  case requestResponse = "RequestResponse"

  package static func < (left: Self, right: Self) -> Bool { left.order < right.order }

  private var order: Int {
    switch self {
    case .none: 0
    case .metadata: 1
    case .request: 2
    case .requestResponse: 3
    }
  }
}

/// Where in a request's life an audit event stands.
package enum AuditStage: String, Hashable, Sendable, CaseIterable {
  case requestReceived = "RequestReceived"
  /// The answer's head is sent, its body goes on: for watches and other long requests.
  case responseStarted = "ResponseStarted"
  case responseComplete = "ResponseComplete"
  /// A request that brought its handler down. Here that ends the process, so no event has it; policies may name it.
  case panic = "Panic"
}

/// Which requests are kept, and how much of them: `audit.k8s.io/v1` Policy.
package struct AuditPolicy: Sendable {
  struct Rule: Sendable {
    var level: AuditLevel
    var users: [String] = []
    var userGroups: [String] = []
    var verbs: [String] = []
    var resources: [Resources] = []
    var namespaces: [String] = []
    var nonResourceURLs: [String] = []
    var omitStages: Set<AuditStage> = []
    var omitManagedFields: Bool?
  }

  struct Resources: Sendable {
    var group: String
    var resources: [String]
    var resourceNames: [String]
  }

  /// What a policy says of one request.
  struct Verdict: Sendable {
    var level: AuditLevel
    var omitStages: Set<AuditStage>
    var omitManagedFields: Bool
  }

  var rules: [Rule]
  var omitStages: Set<AuditStage> = []
  var omitManagedFields = false

  /// The first rule that matches decides; where none does, nothing is kept.
  func verdict(_ action: AccessAction, by user: User) -> Verdict {
    guard let rule = rules.first(where: { $0.matches(action, user) }) else {
      return Verdict(level: .none, omitStages: [], omitManagedFields: false)
    }
    return Verdict(
      level: rule.level, omitStages: omitStages.union(rule.omitStages),
      omitManagedFields: rule.omitManagedFields ?? omitManagedFields)
  }
}

extension AuditPolicy.Rule {
  func matches(_ action: AccessAction, _ user: User) -> Bool {
    if !users.isEmpty, !users.contains(user.name) { return false }
    if !userGroups.isEmpty, !userGroups.contains(where: user.groups.contains) { return false }
    if !verbs.isEmpty, !verbs.contains(action.verb), !verbs.contains("*") { return false }
    if !namespaces.isEmpty || !resources.isEmpty {
      guard let resource = action.resource else { return false }
      if !namespaces.isEmpty, !namespaces.contains(resource.namespace) { return false }
      return resources.isEmpty || resources.contains { $0.matches(resource) }
    }
    guard !nonResourceURLs.isEmpty else { return true }
    guard action.resource == nil else { return false }
    return nonResourceURLs.contains { pattern in
      pattern == "*" || pattern == action.path
        || (pattern.hasSuffix("*") && action.path.hasPrefix(pattern.dropLast()))
    }
  }
}

extension AuditPolicy.Resources {
  func matches(_ asked: AccessAction.Resource) -> Bool {
    guard group == asked.group else { return false }
    if resources.isEmpty { return true }
    return resources.contains { resource in
      if !resourceNames.isEmpty, !resourceNames.contains(asked.name) { return false }
      if resource == asked.qualified || resource == "*" { return true }
      if resource.hasPrefix("*/") { return !asked.subresource.isEmpty && resource.dropFirst(2) == asked.subresource }
      return resource.hasSuffix("/*") && resource.dropLast(2) == asked.resource
    }
  }
}
