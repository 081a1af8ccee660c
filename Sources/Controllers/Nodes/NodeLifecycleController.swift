import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle
import Synchronization

/// Notices nodes that fall silent, taints nodes by their conditions, and removes pods that do not tolerate the taints.
package final class NodeLifecycleController: Service {
  package struct Configuration: Sendable {
    /// After this long without a renewed lease a node counts as silent.
    package var gracePeriod = Duration.seconds(40)
    package var checkInterval = Duration.seconds(5)

    package init() {}
  }

  private enum Key: Hashable, Sendable {
    case node(String)
    case pod(ObjectName)
  }

  private struct Heartbeat {
    var lease = ""
    var at: Timestamp
  }

  private let context: ControllerContext
  private let configuration: Configuration
  private let client: APIClient
  private let recorder: EventRecorder
  private let nodes: Informer
  private let pods: Informer
  private let leases: Informer
  private let queue: WorkQueue<Key>
  /// By our own clock: nodes' clocks may be wrong.
  private let heartbeats = Mutex<[String: Heartbeat]>([:])
  /// Since when pods that will have to leave are known to; by uid.
  private let leaving = Mutex<[ObjectName: (uid: String, since: Timestamp)]>([:])

  package init(context: ControllerContext, configuration: Configuration = Configuration()) {
    self.context = context
    self.configuration = configuration
    client = context.client.named("node-controller")
    recorder = context.recorder("node-controller")
    nodes = context.informers.informer(for: .nodes)
    pods = context.informers.informer(for: .pods)
    leases = Informer(
      client: context.client, kind: .leases, configuration: InformerConfiguration(namespace: "kube-node-lease"),
      logger: context.logger)
    queue = WorkQueue(clock: context.clock)
    pods.addIndex(ObjectIndex.node) { $0.nodeName.isEmpty ? [] : [$0.nodeName] }
  }

  package func run() async {
    let reconciler = Reconciler(
      "nodelifecycle",
      sources: [.init(nodes, keys: nodeKeys), .init(pods, keys: podKeys), .init(leases, keys: leaseKeys)],
      queue: queue, logger: context.logger, sync: sync)
    await withDiscardingTaskGroup { group in
      group.addTask { await self.recorder.run() }
      group.addTask { await self.leases.run() }
      group.addTask { await reconciler.run() }
    }
  }

  // MARK: Events to keys

  private func nodeKeys(_ event: InformerEvent) -> [Key] {
    guard let node = event.object else { return [] }
    if case .deleted = event {
      heartbeats.withLock { $0[node.name] = nil }
      return []
    }
    heard(node.name, lease: nil)
    var keys = [Key.node(node.name)]
    if case .updated(let old, let new) = event, old.spec["taints"] != new.spec["taints"] {
      keys += pods.list(index: ObjectIndex.node, key: node.name).map { .pod($0.objectName) }
    }
    return keys
  }

  private func podKeys(_ event: InformerEvent) -> [Key] {
    switch event {
    case .added(let pod) where !pod.nodeName.isEmpty: [.pod(pod.objectName)]
    case .updated(let old, let new)
    where old.nodeName != new.nodeName || old.spec["tolerations"] != new.spec["tolerations"]:
      [.pod(new.objectName)]
    case .deleted(let pod): [.pod(pod.objectName)]
    default: []
    }
  }

  private func leaseKeys(_ event: InformerEvent) -> [Key] {
    guard let lease = event.object else { return [] }
    let wasSilent = heard(lease.name, lease: lease.spec["renewTime"]?.string ?? "")
    return wasSilent ? [.node(lease.name)] : []
  }

  /// Takes down a sign of life: a lease that was renewed, or the first sight of a node. Whether the node had been
  /// silent.
  @discardableResult
  private func heard(_ node: String, lease: String?) -> Bool {
    let now = context.now()
    return heartbeats.withLock { heartbeats in
      guard let known = heartbeats[node] else {
        heartbeats[node] = Heartbeat(lease: lease ?? "", at: now)
        return true
      }
      guard let lease, lease != known.lease else { return false }
      heartbeats[node] = Heartbeat(lease: lease, at: now)
      return now - known.at > configuration.gracePeriod
    }
  }

  // MARK: Sync

  private func sync(_ key: Key) async throws -> Duration? {
    switch key {
    case .node(let name): try await syncNode(name)
    case .pod(let name): try await syncPod(name)
    }
  }

  private func syncNode(_ name: String) async throws -> Duration? {
    guard let node = nodes.get(name: name) else { return nil }
    let now = context.now()
    let lastHeard = heartbeats.withLock { $0[name]?.at } ?? now
    let health = NodeHealth(node: node, lastHeard: lastHeard, grace: configuration.gracePeriod, now: now)
    if let status = health.statusOfSilentNode(now: now) {
      _ = try await client.updateStatus(.nodes, status)
      recorder.record(node, .normal, reason: "NodeNotReady", "Node \(name) status is now: NodeNotReady")
      return .milliseconds(10)
    }
    if let taints = health.taints(now: now) {
      let patch: JSON = [
        "metadata": ["resourceVersion": .string(node.resourceVersion)],
        "spec": ["taints": taints.items.isEmpty ? .null : taints],
      ]
      _ = try await client.patch(.nodes, name: name, patch)
    }
    if node.condition("Ready").map({ $0["status"]?.string != "True" }) ?? false { try await markPods(of: name) }
    return health.isSilent ? nil : configuration.checkInterval
  }

  /// Takes the pods of a node that is not ready out of rotation.
  private func markPods(of node: String) async throws {
    let now = context.now()
    for pod in pods.list(index: ObjectIndex.node, key: node) where pod.isPodReady && !pod.isPodFinished {
      var changed = pod
      changed.setCondition("Ready", isTrue: false, observedGeneration: pod.generation, at: now)
      do {
        _ = try await client.updateStatus(.pods, changed)
        recorder.record(pod, .warning, reason: "NodeNotReady", "Node is not ready")
      } catch  where error.isConflict || error.isNotFound {
        // It has changed: the next check sees how.
      }
    }
  }

  private func syncPod(_ name: ObjectName) async throws -> Duration? {
    guard let pod = pods.get(name), pod.isPodActive, let node = nodes.get(name: pod.nodeName) else {
      leaving.withLock { $0[name] = nil }
      return nil
    }
    let now = context.now()
    let known = leaving.withLock { $0[name] }
    let since = known?.uid == pod.uid ? known?.since ?? now : now
    switch TaintEviction.verdict(pod: pod, taints: node.spec["taints"]?.items ?? [], now: now, since: since) {
    case .stays:
      leaving.withLock { $0[name] = nil }
      guard known?.uid == pod.uid else { return nil }
      recorder.record(pod, .normal, reason: "TaintManagerEviction", "Cancelling deletion of Pod \(pod.objectName)")
      return nil
    case .leaves(let time):
      leaving.withLock { $0[name] = (pod.uid, since) }
      guard time <= now else { return time - now }
      try await evict(pod)
      leaving.withLock { $0[name] = nil }
      return nil
    }
  }

  /// Says in the pod why it ends, and ends it.
  private func evict(_ pod: JSON) async throws {
    recorder.record(pod, .normal, reason: "TaintManagerEviction", "Marking for deletion Pod \(pod.objectName)")
    let now = context.now()
    do {
      try await client.modify(.pods, namespace: pod.namespace, name: pod.name, subresource: "status") { current in
        guard current.uid == pod.uid else { return nil }
        var changed = current
        changed.setCondition(
          "DisruptionTarget", isTrue: true, reason: "DeletionByTaintManager",
          message: "Taint manager: deleting due to NoExecute taint", observedGeneration: current.generation, at: now)
        return changed
      }
    } catch  where error.isNotFound {
      return
    }
    do {
      try await client.delete(.pods, namespace: pod.namespace, name: pod.name, options: DeleteOptions(uid: pod.uid))
    } catch  where error.isNotFound || error.isConflict {
      // It is gone, or another's by now.
    }
  }
}
