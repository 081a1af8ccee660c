import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Fills the ClusterRoles that gather others' rules, as `admin`, `edit` and `view` do.
package final class ClusterRoleController: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let roles: Informer

  package init(context: ControllerContext) {
    self.context = context
    client = context.client.named("clusterrole-aggregation-controller")
    roles = context.informers.informer(for: .clusterRoles)
  }

  package func run() async {
    await Reconciler(
      "cluster roles",
      // Whichever role changes, it may belong to any that gathers; those are few.
      sources: [.init(roles) { [roles] _ in roles.list().filter(Self.gathers).map(\.objectName) }],
      queue: WorkQueue(clock: context.clock), logger: context.logger, sync: sync
    ).run()
  }

  private static func gathers(_ role: JSON) -> Bool { role["aggregationRule"] != nil }

  func sync(_ name: ObjectName) async throws -> Duration? {
    guard let role = roles.get(name), Self.gathers(role) else { return nil }
    let rules = Self.gathered(role, from: roles.list())
    guard rules != role["rules"]?.items ?? [] else { return nil }
    _ = try await client.patch(.clusterRoles, name: name.name, type: .merge, ["rules": .array(rules)])
    return nil
  }

  /// The rules of all roles that its selectors choose, in order of the roles' names, each once.
  static func gathered(_ role: JSON, from roles: [JSON]) -> [JSON] {
    let selectors = (role[path: "aggregationRule", "clusterRoleSelectors"]?.items ?? []).compactMap {
      try? LabelSelector(object: $0)
    }
    var rules: [JSON] = []
    for selector in selectors {
      for other in roles.sorted(by: { $0.name < $1.name })
      where other.name != role.name && selector.matches(other.labels) {
        for rule in other["rules"]?.items ?? [] where !rules.contains(rule) { rules.append(rule) }
      }
    }
    return rules
  }
}
