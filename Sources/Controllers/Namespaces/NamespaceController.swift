import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Gives every namespace its default ServiceAccount and the cluster's CA, and empties those that are being deleted.
package final class NamespaceController: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let certificateAuthority: String
  private let namespaces: Informer
  private let accounts: Informer
  private let authorities: Informer
  private static let authorityName = "kube-root-ca.crt"
  /// How often a namespace is looked at whose content is ending.
  private let recheck = Duration.milliseconds(500)

  /// - Parameter certificateAuthority: PEM.
  package init(context: ControllerContext, certificateAuthority: String) {
    self.context = context
    self.certificateAuthority = certificateAuthority
    client = context.client.named("namespace-controller")
    namespaces = context.informers.informer(for: .namespaces)
    // Of these kinds only one object a namespace matters here: the shared informers would hold all.
    accounts = Informer(
      client: context.client, kind: .serviceAccounts,
      configuration: InformerConfiguration(fieldSelector: "metadata.name=default"), logger: context.logger)
    authorities = Informer(
      client: context.client, kind: .configMaps,
      configuration: InformerConfiguration(fieldSelector: "metadata.name=\(Self.authorityName)"),
      logger: context.logger)
  }

  package func run() async {
    let owner = { @Sendable (event: InformerEvent) in event.object.map { [$0.namespace] } ?? [] }
    let reconciler = Reconciler(
      "namespace",
      sources: [
        .init(namespaces) { $0.object.map { [$0.name] } ?? [] }, .init(accounts, keys: owner),
        .init(authorities, keys: owner),
      ], queue: WorkQueue(clock: context.clock), logger: context.logger, sync: sync)
    await withDiscardingTaskGroup { group in
      group.addTask { await self.accounts.run() }
      group.addTask { await self.authorities.run() }
      group.addTask { await reconciler.run() }
    }
  }

  func sync(_ name: String) async throws -> Duration? {
    guard let namespace = namespaces.get(name: name) else { return nil }
    if namespace.isTerminating { return try await empty(namespace) }
    do {
      try await furnish(name)
    } catch let error as APIError where error.isNamespaceTerminating || error.isAlreadyExists {
      // The informers bring what there is now.
    }
    return nil
  }

  private func furnish(_ namespace: String) async throws {
    if accounts.get(namespace: namespace, name: "default") == nil {
      do {
        _ = try await client.create(
          .serviceAccounts, ["metadata": ["name": "default", "namespace": .string(namespace)]])
      } catch let error as APIError where error.isAlreadyExists {
        // The informer is about to tell.
      }
    }
    let data: JSON = ["ca.crt": .string(certificateAuthority)]
    guard var current = authorities.get(namespace: namespace, name: Self.authorityName) else {
      let annotation = "kubernetes.io/description"
      _ = try await client.create(
        .configMaps,
        [
          "metadata": [
            "name": .string(Self.authorityName), "namespace": .string(namespace),
            "annotations": [
              .init(annotation): "Contains a CA bundle that can be used to verify the API server of this cluster."
            ],
          ],
          "data": data,
        ])
      return
    }
    guard current["data"] != data else { return }
    current["data"] = data
    _ = try await client.update(.configMaps, current)
  }

  // MARK: Deletion

  /// Deletes what is in the namespace, then lets the namespace go.
  private func empty(_ namespace: JSON) async throws -> Duration? {
    let held = namespace.spec["finalizers"]?.items ?? []
    guard held.contains("kubernetes") else { return nil }
    var remaining: [NamespaceRemainder] = []
    var failures: [String] = []
    for kind in ResourceKind.served where kind.isNamespaced && kind != .events {
      do {
        if let left = try await clear(kind, in: namespace.name) { remaining.append(left) }
      } catch let error as APIError {
        failures.append("\(kind.qualifiedResource): \(error.message)")
      }
    }
    let conditions = NamespaceRemainder.conditions(remaining, failures: failures)
    try await write(conditions, to: namespace)
    guard remaining.isEmpty, failures.isEmpty else { return recheck }
    var finished = try await client.get(.namespaces, name: namespace.name)
    guard finished.uid == namespace.uid else { return nil }
    finished[path: "spec", "finalizers"] = .array(held.filter { $0 != "kubernetes" })
    _ = try await client.update(.namespaces, finished, subresource: "finalize")
    return nil
  }

  /// What is left of a kind after everything was told to go; `nil` for nothing.
  private func clear(_ kind: ResourceKind, in namespace: String) async throws -> NamespaceRemainder? {
    guard !(try await client.list(kind, namespace: namespace, options: ListOptions(limit: 1)).items.isEmpty) else {
      return nil
    }
    try await client.deleteCollection(kind, namespace: namespace)
    let left = try await client.list(kind, namespace: namespace).items
    return left.isEmpty ? nil : NamespaceRemainder(kind: kind, objects: left)
  }

  private func write(_ conditions: [NamespaceRemainder.Condition], to namespace: JSON) async throws {
    let now = context.now()
    try await client.modify(.namespaces, name: namespace.name, subresource: "status") { current in
      guard current.uid == namespace.uid else { return nil }
      var changed = current
      for condition in conditions {
        changed.setCondition(
          condition.type, isTrue: condition.isTrue, reason: condition.reason, message: condition.message, at: now)
      }
      return changed
    }
  }
}
