import APIClient
import JSONTree
package import KubernetesAPI
import Logging
import ServiceLifecycle

/// Keeps as many pods as each ReplicaSet asks for, or each ReplicationController: the two differ in their selectors alone.
package final class ReplicaSetController: Service {
  private let kind: ResourceKind
  private let context: ControllerContext
  private let client: APIClient
  private let recorder: EventRecorder
  private let sets: Informer
  private let pods: Informer
  private let expectations = Expectations()
  private let queue: WorkQueue<ObjectName>

  /// - Parameter kind: ReplicaSets or ReplicationControllers.
  package init(context: ControllerContext, kind: ResourceKind = .replicaSets) {
    self.kind = kind
    self.context = context
    let name = kind == .replicaSets ? "replicaset-controller" : "replication-controller"
    client = context.client.named(name)
    recorder = context.recorder(name)
    sets = context.informers.informer(for: kind)
    pods = context.informers.informer(for: .pods)
    queue = WorkQueue(clock: context.clock)
    ObjectIndex.addOwnership(to: sets)
    ObjectIndex.addOwnership(to: pods)
  }

  package func run() async {
    let reconciler = Reconciler(
      kind.singular, sources: [.init(sets, keys: setKeys), .init(pods, keys: podKeys)], queue: queue,
      logger: context.logger, sync: sync)
    await reconciler.run(with: recorder)
  }

  // MARK: Events to keys

  private func setKeys(_ event: InformerEvent) -> [ObjectName] {
    guard let set = event.object else { return [] }
    if case .deleted = event { expectations.forget(set.objectName) }
    return [set.objectName]
  }

  private func podKeys(_ event: InformerEvent) -> [ObjectName] {
    switch event {
    case .synced: return []
    case .added(let pod):
      guard !pod.isTerminating else { return deletionSeen(pod) }
      guard let owner = setName(of: pod) else { return selecting(pod) }
      expectations.creationObserved(owner)
      return [owner]
    case .updated(let old, let new):
      if new.isTerminating {
        return deletionSeen(new) + (old.isTerminating ? [] : [setName(of: old)].compactMap { $0 })
      }
      let owners = [setName(of: old), setName(of: new)].compactMap { $0 }
      if new.controllerReference == nil, old.labels != new.labels || old.controllerReference != nil {
        return owners + selecting(new)
      }
      return owners
    case .deleted(let pod): return deletionSeen(pod)
    }
  }

  private func deletionSeen(_ pod: JSON) -> [ObjectName] {
    guard let owner = setName(of: pod) else { return [] }
    expectations.deletionObserved(owner, uid: pod.uid)
    return [owner]
  }

  private func setName(of pod: JSON) -> ObjectName? {
    guard let owner = pod.controllerReference, owner["kind"]?.string == kind.kind else { return nil }
    return ObjectName(namespace: pod.namespace, name: owner["name"]?.string ?? "")
  }

  /// The sets that would adopt an orphan.
  private func selecting(_ pod: JSON) -> [ObjectName] {
    guard !pod.labels.isEmpty else { return [] }
    return sets.list().filter { set in
      set.namespace == pod.namespace && ((try? selector(of: set))?.matches(pod.labels) ?? false)
    }.map(\.objectName)
  }

  private func selector(of set: JSON) throws -> LabelSelector {
    guard kind == .replicationControllers else { return try LabelSelector(object: set.spec["selector"]) }
    let labels = set.spec["selector"]?.object?.strings ?? [:]
    // Without labels it means no pod, not every one.
    return labels.isEmpty ? .nothing : LabelSelector(labels: labels)
  }

  // MARK: Sync

  func sync(_ name: ObjectName) async throws -> Duration? {
    guard let set = sets.get(name) else {
      expectations.forget(name)
      return nil
    }
    let isCurrent = expectations.isSatisfied(name)
    let selector = try selector(of: set)
    let claim = OwnershipClaim(
      owner: set, selector: selector, owned: pods.list(index: ObjectIndex.controller, key: set.uid),
      orphans: pods.list(index: ObjectIndex.orphans, key: set.namespace).filter(\.isPodActive))
    let owned = try await claim.settle(kind: .pods, owner: set, ownerKind: kind, client: client)

    var failure: ReplicaFailure?
    if isCurrent {
      let plan = ReplicaSetPlan(replicaSet: set, pods: owned, related: related(to: set, owned), now: context.now())
      do {
        if plan.creations > 0 { try await create(plan.creations, for: set) }
        if !plan.deletions.isEmpty { try await delete(plan.deletions, of: set) }
      } catch let error as ReplicaFailure {
        failure = error
      }
    }
    let (status, recheck) = ReplicaSetPlan.status(of: set, pods: owned, failure: failure, now: context.now())
    try await write(status, to: set)
    if let failure { throw failure }
    return recheck
  }

  /// The pods of all sets of the same Deployment.
  private func related(to set: JSON, _ own: [JSON]) -> [JSON] {
    guard let owner = set.controllerReference?["uid"]?.string else { return own }
    return sets.list(index: ObjectIndex.controller, key: owner).flatMap { sibling in
      sibling.uid == set.uid ? own : pods.list(index: ObjectIndex.controller, key: sibling.uid)
    }
  }

  private func write(_ status: JSON, to set: JSON) async throws {
    guard status != set.status else { return }
    var changed = set
    changed["status"] = status
    do {
      _ = try await client.updateStatus(kind, changed)
    } catch let error as APIError where error.isConflict {
      // The informer brings the newer set, and with it the next sync.
    }
  }

  /// In batches that double while all goes well: what fails for one pod fails for all, and need not be tried 500 times.
  private func create(_ count: Int, for set: JSON) async throws {
    let owner = set.objectName
    expectations.expectCreations(count, of: owner)
    let pod = PodTemplate.pod(from: set.spec["template"] ?? [:], owner: set)
    var remaining = count
    var batch = 1
    while remaining > 0 {
      let size = min(batch, remaining)
      let failures = await withTaskGroup(of: (any Error)?.self) { group in
        for _ in 0..<size {
          group.addTask {
            do {
              let made = try await self.client.create(.pods, pod)
              self.recorder.record(set, .normal, reason: "SuccessfulCreate", "Created pod: \(made.name)")
              return nil
            } catch {
              // No event will tell of it.
              self.expectations.creationObserved(owner)
              return error
            }
          }
        }
        return await group.reduce(into: [any Error]()) { if let error = $1 { $0.append(error) } }
      }
      remaining -= size
      if let error = failures.first {
        for _ in 0..<remaining { expectations.creationObserved(owner) }
        // Nothing can be made in a namespace that is being deleted; the set goes as well.
        if (error as? APIError)?.isNamespaceTerminating == true { return }
        recorder.record(set, .warning, reason: "FailedCreate", "Error creating: \(error.apiMessage)")
        throw ReplicaFailure(reason: "FailedCreate", message: error.apiMessage)
      }
      batch *= 2
    }
  }

  private func delete(_ doomed: [JSON], of set: JSON) async throws {
    let owner = set.objectName
    expectations.expectDeletions(doomed.map(\.uid), of: owner)
    let failures = await withTaskGroup(of: (any Error)?.self) { group in
      for pod in doomed {
        group.addTask {
          do {
            try await self.client.delete(
              .pods, namespace: pod.namespace, name: pod.name, options: DeleteOptions(uid: pod.uid))
            self.recorder.record(set, .normal, reason: "SuccessfulDelete", "Deleted pod: \(pod.name)")
            return nil
          } catch {
            self.expectations.deletionObserved(owner, uid: pod.uid)
            if error.isNotFound || error.isConflict { return nil }
            self.recorder.record(set, .warning, reason: "FailedDelete", "Error deleting: \(error.apiMessage)")
            return error
          }
        }
      }
      return await group.reduce(into: [any Error]()) { if let error = $1 { $0.append(error) } }
    }
    if let error = failures.first { throw ReplicaFailure(reason: "FailedDelete", message: error.apiMessage) }
  }
}

extension Error {
  /// The server's words where it is an answer of the API.
  var apiMessage: String { (self as? APIError)?.message ?? "\(self)" }
}
