import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Rolls Deployments out through ReplicaSets.
package final class DeploymentController: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let recorder: EventRecorder
  private let deployments: Informer
  private let sets: Informer
  private let pods: Informer
  private let queue: WorkQueue<ObjectName>

  package init(context: ControllerContext) {
    self.context = context
    client = context.client.named("deployment-controller")
    recorder = context.recorder("deployment-controller")
    deployments = context.informers.informer(for: .deployments)
    sets = context.informers.informer(for: .replicaSets)
    pods = context.informers.informer(for: .pods)
    queue = WorkQueue(clock: context.clock)
    ObjectIndex.addOwnership(to: sets)
    ObjectIndex.addOwnership(to: pods)
  }

  package func run() async {
    let reconciler = Reconciler(
      "deployment",
      sources: [
        .init(deployments) { $0.object.map { [$0.objectName] } ?? [] }, .init(sets, keys: setKeys),
        .init(pods, keys: podKeys),
      ], queue: queue, logger: context.logger, sync: sync)
    await reconciler.run(with: recorder)
  }

  // MARK: Events to keys

  private func setKeys(_ event: InformerEvent) -> [ObjectName] {
    var names: [ObjectName] = []
    if case .updated(let old, _) = event, let name = owner(of: old) { names.append(name) }
    guard let set = event.object else { return names }
    if let name = owner(of: set) { return names + [name] }
    guard set.controllerReference == nil, !set.labels.isEmpty else { return names }
    return names
      + deployments.list().filter { deployment in
        deployment.namespace == set.namespace
          && ((try? LabelSelector(object: deployment.spec["selector"]))?.matches(set.labels) ?? false)
      }.map(\.objectName)
  }

  /// Only `Recreate` waits for pods, and only for their end.
  private func podKeys(_ event: InformerEvent) -> [ObjectName] {
    guard let pod = event.object, let reference = pod.controllerReference,
      reference["kind"]?.string == "ReplicaSet",
      let set = sets.get(namespace: pod.namespace, name: reference["name"]?.string ?? ""),
      let name = owner(of: set), deployments.get(name)?.spec["strategy"]?["type"]?.string == "Recreate"
    else { return [] }
    if case .deleted = event { return [name] }
    return pod.isPodFinished ? [name] : []
  }

  private func owner(of set: JSON) -> ObjectName? {
    guard let owner = set.controllerReference, owner["kind"]?.string == "Deployment" else { return nil }
    return ObjectName(namespace: set.namespace, name: owner["name"]?.string ?? "")
  }

  // MARK: Sync

  func sync(_ name: ObjectName) async throws -> Duration? {
    guard let deployment = deployments.get(name) else { return nil }
    let selector = try LabelSelector(object: deployment.spec["selector"])
    if selector.matchesEverything {
      recorder.record(
        deployment, .warning, reason: "SelectingAll",
        "This deployment is selecting all pods. A non-empty selector is required.")
      return nil
    }
    let claim = OwnershipClaim(
      owner: deployment, selector: selector, owned: sets.list(index: ObjectIndex.controller, key: deployment.uid),
      orphans: sets.list(index: ObjectIndex.orphans, key: deployment.namespace))
    let owned = try await claim.settle(
      kind: .replicaSets, owner: deployment, ownerKind: .deployments, client: client)
    let plan = DeploymentPlan(
      deployment: deployment, replicaSets: owned, oldPodsRun: oldPodsRun(deployment, owned), now: context.now())
    for action in plan.actions { try await carryOut(action, for: deployment) }
    try await write(plan, to: deployment)
    return plan.recheckAfter
  }

  private func oldPodsRun(_ deployment: JSON, _ owned: [JSON]) -> Bool {
    let template = deployment.spec["template"] ?? [:]
    return owned.contains { set in
      !PodTemplateHash.isSame(set.spec["template"] ?? [:], template)
        && pods.list(index: ObjectIndex.controller, key: set.uid).contains { !$0.isPodFinished }
    }
  }

  private func carryOut(_ action: DeploymentPlan.Action, for deployment: JSON) async throws {
    switch action {
    case .create(let set): try await create(set, for: deployment)
    case .update(let set, let from):
      _ = try await client.update(.replicaSets, set)
      tellScaling(deployment, set, from: from, to: Int(set.spec["replicas"]?.int ?? 0))
    case .delete(let set):
      do {
        try await client.delete(
          .replicaSets, namespace: set.namespace, name: set.name, options: DeleteOptions(uid: set.uid))
      } catch let error as APIError where error.isNotFound || error.isConflict {
        // Somebody else was quicker.
      }
    }
  }

  private func create(_ set: JSON, for deployment: JSON) async throws {
    do {
      _ = try await client.create(.replicaSets, set)
      tellScaling(deployment, set, from: 0, to: Int(set.spec["replicas"]?.int ?? 0))
    } catch let error as APIError where error.isAlreadyExists {
      let existing = try await client.get(.replicaSets, namespace: set.namespace, name: set.name)
      let isOurs =
        existing.controllerReference?["uid"]?.string == deployment.uid
        && PodTemplateHash.isSame(existing.spec["template"] ?? [:], deployment.spec["template"] ?? [:])
      // Ours: the informer has not shown it yet. Another's: the name must change, and with it the hash.
      if !isOurs { try await countCollision(deployment) }
      throw error
    } catch let error as APIError where !error.isNamespaceTerminating {
      recorder.record(
        deployment, .warning, reason: "ReplicaSetCreateError",
        "Failed to create new replica set \"\(set.name)\": \(error.message)")
      throw error
    }
  }

  private func countCollision(_ deployment: JSON) async throws {
    var changed = deployment
    changed[path: "status", "collisionCount"] = .int((deployment.status["collisionCount"]?.int ?? 0) + 1)
    _ = try await client.updateStatus(.deployments, changed)
  }

  private func tellScaling(_ deployment: JSON, _ set: JSON, from: Int, to: Int) {
    guard from != to else { return }
    recorder.record(
      deployment, .normal, reason: "ScalingReplicaSet",
      "Scaled \(to > from ? "up" : "down") replica set \(set.name) from \(from) to \(to)")
  }

  private func write(_ plan: DeploymentPlan, to deployment: JSON) async throws {
    var current = deployment
    do {
      if let revision = plan.revision {
        current = try await client.patch(
          .deployments, namespace: deployment.namespace, name: deployment.name,
          ["metadata": ["annotations": [RolloutAnnotations.revision: .string(String(revision))]]])
      }
      guard plan.status != deployment.status else { return }
      current["status"] = plan.status
      _ = try await client.updateStatus(.deployments, current)
    } catch let error as APIError where error.isConflict || error.isNotFound {
      // The informer brings the newer object, and with it the next sync.
    }
  }
}
