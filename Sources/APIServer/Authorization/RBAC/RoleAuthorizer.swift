import KubernetesAPI
import NIOConcurrencyHelpers

/// Allows what roles allow, by their bindings (RBAC). Nothing is forbidden expressly.
final class RoleAuthorizer: Sendable {
  private struct State {
    var index = AccessIndex()
    var changes: [Int64] = []
  }

  private let registry: Registry
  private let state = NIOLockedValueBox(State())

  init(registry: Registry) { self.registry = registry }

  /// The index of now. Made anew only when a role or a binding has changed.
  func index() throws(APIStatus) -> AccessIndex {
    var changes: [Int64] = []
    for kind: ResourceKind in [.roles, .roleBindings, .clusterRoles, .clusterRoleBindings] {
      changes.append(try registry.cache(of: kind).lastChange)
    }
    let known = state.withLockedValue { $0 }
    if known.changes == changes { return known.index }
    let index = try AccessIndex(registry, previous: known.index)
    state.withLockedValue { $0 = State(index: index, changes: changes) }
    return index
  }

  func decide(_ action: AccessAction, by user: User) -> AuthorizationDecision {
    let index: AccessIndex
    do {
      index = try self.index()
    } catch {
      return AuthorizationDecision(isAllowed: false, reason: error.message)
    }
    var missing: [String] = []
    for (subject, binding) in index.bindings(of: user, in: action.resource?.namespace ?? "") {
      guard let rules = index.rules(of: binding.role) else {
        missing.append(Self.missing(binding.role))
        continue
      }
      guard rules.contains(where: { $0.allows(action) }) else { continue }
      return AuthorizationDecision(
        isAllowed: true,
        reason: "RBAC: allowed by \(Self.text(binding)) of \(binding.role.kind) \(binding.role.name.name.goQuoted) to "
          + Self.text(subject))
    }
    return AuthorizationDecision(isAllowed: false, reason: missing.isEmpty ? "" : "RBAC: \(Self.joined(missing))")
  }

  private static func text(_ binding: AccessIndex.Binding) -> String {
    let name = binding.name.namespace.isEmpty ? binding.name.name : "\(binding.name.name)/\(binding.name.namespace)"
    return "\(binding.kind) \(name.goQuoted)"
  }

  private static func text(_ subject: String) -> String {
    let name = String(subject.dropFirst(2))
    if subject.hasPrefix("g:") { return "Group \(name.goQuoted)" }
    let parts = name.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount" else { return "User \(name.goQuoted)" }
    return "ServiceAccount \("\(parts[3])/\(parts[2])".goQuoted)"
  }

  private static func missing(_ role: AccessIndex.Role) -> String {
    let resource = role.kind == "Role" ? "role" : "clusterrole"
    return "\(resource).rbac.authorization.k8s.io \(role.name.name.goQuoted) not found"
  }

  private static func joined(_ texts: [String]) -> String {
    var seen: Set<String> = []
    let unique = texts.filter { seen.insert($0).inserted }
    return unique.count == 1 ? unique[0] : "[\(unique.joined(separator: ", "))]"
  }
}
