import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle
import Synchronization

/// Deletes objects whose owners are gone, and carries out foreground deletion and orphaning.
package final class GarbageCollector: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let informers: [Informer]
  private let graph = Mutex(OwnerGraph())
  private let queue: WorkQueue<String>
  /// Owners that the server said do not exist.
  private let absent = Mutex<Set<String>>([])
  private static let absentLimit = 10_000

  package init(context: ControllerContext) {
    self.context = context
    client = context.client.named("generic-garbage-collector")
    // Events have no owners; the second group that serves them holds the same objects.
    informers = ResourceKind.served.filter { $0.plural != "events" }.map { kind in
      // Of kinds that nobody else follows the metadata are enough.
      context.informers.informer(for: kind, configuration: .metadata(of: kind))
    }
    queue = WorkQueue(clock: context.clock)
  }

  package func run() async {
    await Reconciler(
      "garbagecollector", sources: informers.map { informer in .init(informer) { self.keys($0, informer.kind) } },
      queue: queue, workers: 8, logger: context.logger, sync: sync
    ).run()
  }

  private func keys(_ event: InformerEvent, _ kind: ResourceKind) -> [String] {
    guard let object = event.object else { return [] }
    return graph.withLock { graph in
      if case .deleted = event { return Array(graph.remove(object.uid)) }
      if case .updated(let old, let new) = event, Self.isSameOwnership(old, new) { return [] }
      return Array(graph.insert(object, kind: kind))
    }
  }

  private static func isSameOwnership(_ old: JSON, _ new: JSON) -> Bool {
    old["metadata"]?["ownerReferences"] == new["metadata"]?["ownerReferences"]
      && old["metadata"]?["finalizers"] == new["metadata"]?["finalizers"]
      && old.isTerminating == new.isTerminating
  }

  // MARK: Sync

  func sync(_ uid: String) async throws -> Duration? {
    guard let node = graph.withLock({ $0[uid] }) else { return nil }
    if node.orphansDependents { try await orphanDependents(of: uid, node) }
    if node.deletesDependents {
      try await finishForeground(uid, node)
      return nil
    }
    guard !node.owners.isEmpty, !node.isTerminating else { return nil }
    // What the graph answers need not be asked: at a start most objects are seen before their owners.
    let isKept = graph.withLock { graph in
      node.owners.allSatisfy { owner in graph[owner.uid].map { !$0.deletesDependents } ?? false }
    }
    if isKept { return nil }
    try await judge(uid, node)
    return nil
  }

  private enum Standing { case solid, waiting, absent }

  /// Whether an owner exists, by the graph, else by the server's word.
  private func standing(of owner: OwnerGraph.Owner, namespace: String) async throws -> Standing {
    if let node = graph.withLock({ $0[owner.uid] }) { return node.deletesDependents ? .waiting : .solid }
    if absent.withLock({ $0.contains(owner.uid) }) { return .absent }
    guard let kind = ResourceKind.served(apiVersion: owner.apiVersion, kind: owner.kind) else {
      // Of a kind that this cluster does not serve nothing can be said.
      return .solid
    }
    let live = try await client.find(kind, namespace: kind.isNamespaced ? namespace : nil, name: owner.name)
    if let live, live.uid == owner.uid { return .solid }
    absent.withLock { absent in
      if absent.count > Self.absentLimit { absent = [] }
      absent.insert(owner.uid)
    }
    return .absent
  }

  /// Deletes an object none of whose owners is left, or drops the references to those that are gone.
  private func judge(_ uid: String, _ node: OwnerGraph.Node) async throws {
    // The graph may be behind; the object itself says who owns it.
    guard let live = try await client.find(node.kind, namespace: node.name.namespace, name: node.name.name),
      live.uid == uid, !live.isTerminating
    else { return }
    let owners = live.ownerReferences.map(OwnerGraph.Owner.init)
    guard !owners.isEmpty else { return }
    var standings: [String: Standing] = [:]
    for owner in owners { standings[owner.uid] = try await standing(of: owner, namespace: live.namespace) }
    let isSolid = standings.values.contains(.solid)
    guard standings.values.contains(where: { $0 != .solid }) else { return }
    if isSolid {
      let kept = live.ownerReferences.filter { standings[$0["uid"]?.string ?? ""] == .solid }
      try await setOwners(kept, of: live, node.kind)
      return
    }
    let hasDependents = !graph.withLock { $0.dependents(of: uid).isEmpty }
    let policy: PropagationPolicy =
      live.finalizers.contains(OwnerGraph.Finalizer.orphan)
      ? .orphan
      : live.finalizers.contains(OwnerGraph.Finalizer.foreground)
        ? .foreground
        : standings.values.contains(.waiting) && hasDependents ? .foreground : .background
    do {
      try await client.delete(
        node.kind, namespace: live.namespace, name: live.name,
        options: DeleteOptions(propagationPolicy: policy, uid: uid, resourceVersion: live.resourceVersion))
    } catch  where error.isNotFound {
      // Gone already.
    }
  }

  /// Lets an owner go once no dependent blocks it, and has the dependents looked at.
  private func finishForeground(_ uid: String, _ node: OwnerGraph.Node) async throws {
    let blocking = graph.withLock { graph in
      graph.dependents(of: uid).filter { dependent in
        graph[dependent]?.owners.contains { $0.uid == uid && $0.blocksDeletion } ?? false
      }
    }
    if blocking.isEmpty {
      try await removeFinalizer(OwnerGraph.Finalizer.foreground, from: uid, node)
    } else {
      for dependent in blocking { queue.add(dependent) }
    }
  }

  private func orphanDependents(of uid: String, _ node: OwnerGraph.Node) async throws {
    let dependents = graph.withLock { graph in graph.dependents(of: uid).compactMap { graph[$0] } }
    for dependent in dependents {
      guard
        let live = try await client.find(
          dependent.kind, namespace: dependent.name.namespace, name: dependent.name.name)
      else { continue }
      let kept = live.ownerReferences.filter { $0["uid"]?.string != uid }
      if kept.count != live.ownerReferences.count { try await setOwners(kept, of: live, dependent.kind) }
    }
    try await removeFinalizer(OwnerGraph.Finalizer.orphan, from: uid, node)
  }

  private func setOwners(_ owners: [JSON], of object: JSON, _ kind: ResourceKind) async throws {
    let patch: JSON = [
      "metadata": [
        "ownerReferences": owners.isEmpty ? .null : .array(owners), "uid": .string(object.uid),
        "resourceVersion": .string(object.resourceVersion),
      ]
    ]
    do {
      _ = try await client.patch(kind, namespace: object.namespace, name: object.name, patch)
    } catch  where error.isNotFound {
      // Gone already.
    }
  }

  private func removeFinalizer(_ finalizer: String, from uid: String, _ node: OwnerGraph.Node) async throws {
    guard let live = try await client.find(node.kind, namespace: node.name.namespace, name: node.name.name),
      live.uid == uid, live.finalizers.contains(finalizer)
    else { return }
    let kept = live.finalizers.filter { $0 != finalizer }
    let patch: JSON = [
      "metadata": [
        "finalizers": kept.isEmpty ? .null : .array(kept.map { .string($0) }),
        "resourceVersion": .string(live.resourceVersion),
      ]
    ]
    _ = try await client.patch(node.kind, namespace: live.namespace, name: live.name, patch)
  }
}
