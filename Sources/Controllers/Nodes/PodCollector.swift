import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Removes pods that nobody will end: those of nodes that no longer exist, and those told to end before any node had
/// them. Of pods that have ended so many are kept and no more.
package final class PodCollector: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let nodes: Informer
  private let pods: Informer
  /// A node may be replaced under its name; its pods are given this long.
  private let quarantine: Duration

  /// How many pods that have ended are kept for whoever wants to know of them.
  private let endedLimit: Int
  private let endedInterval: Duration

  package init(
    context: ControllerContext, quarantine: Duration = .seconds(40), endedLimit: Int = 12_500,
    endedInterval: Duration = .seconds(20)
  ) {
    self.context = context
    self.quarantine = quarantine
    self.endedLimit = endedLimit
    self.endedInterval = endedInterval
    client = context.client.named("pod-garbage-collector")
    nodes = context.informers.informer(for: .nodes)
    pods = context.informers.informer(for: .pods)
    pods.addIndex(ObjectIndex.node) { $0.nodeName.isEmpty ? [] : [$0.nodeName] }
  }

  package func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.collectLost() }
      group.addTask { await self.collectEnded() }
    }
  }

  private func collectEnded() async { await cancelWhenGracefulShutdown { await self.collectEndedNowAndThen() } }

  private func collectEndedNowAndThen() async {
    // A sleep fails where the task is cancelled, as it is when shutdown begins.
    while (try? await context.clock.sleep(for: endedInterval)) != nil {
      guard pods.hasSynced else { continue }
      for pod in Self.surplus(of: pods.list(), limit: endedLimit) {
        do {
          try await delete(pod)
        } catch {
          context.logger.debug(
            "an ended pod stays for now", metadata: ["pod": "\(pod.objectName)", "error": "\(error)"])
        }
      }
    }
  }

  /// The ended pods that are too many: evicted ones first, then those that were made first.
  static func surplus(of pods: [JSON], limit: Int) -> [JSON] {
    let ended = pods.filter(\.isPodFinished)
    guard ended.count > limit else { return [] }
    func rank(_ pod: JSON) -> (Int, String, String) {
      (pod.status["reason"] == "Evicted" ? 0 : 1, pod.creationTimestamp ?? "", pod.objectName.description)
    }
    return Array(ended.sorted { rank($0) < rank($1) }.prefix(ended.count - limit))
  }

  private func collectLost() async {
    let queue = WorkQueue<ObjectName>(clock: context.clock)
    await Reconciler(
      "podgc",
      sources: [
        .init(pods) { [self] event in
          guard let pod = event.object, isDoomed(pod) else { return [] }
          if !pod.nodeName.isEmpty {
            queue.add(pod.objectName, after: quarantine)
            return []
          }
          return [pod.objectName]
        },
        .init(nodes) { [self] event in
          guard case .deleted(let node) = event else { return [] }
          for pod in pods.list(index: ObjectIndex.node, key: node.name) { queue.add(pod.objectName, after: quarantine) }
          return []
        },
      ], queue: queue, logger: context.logger, sync: sync
    ).run()
  }

  private func isDoomed(_ pod: JSON) -> Bool {
    pod.nodeName.isEmpty ? pod.isTerminating : nodes.get(name: pod.nodeName) == nil
  }

  func sync(_ name: ObjectName) async throws -> Duration? {
    guard let pod = pods.get(name), isDoomed(pod) else { return nil }
    // The informer may be late; the server knows.
    if !pod.nodeName.isEmpty, try await client.find(.nodes, name: pod.nodeName) != nil { return nil }
    do {
      if !pod.isPodFinished, !pod.nodeName.isEmpty {
        var failed = pod
        failed[path: "status", "phase"] = "Failed"
        failed.setCondition(
          "DisruptionTarget", isTrue: true, reason: "DeletionByPodGC", message: "PodGC: node no longer exists",
          observedGeneration: pod.generation, at: context.now())
        _ = try await client.updateStatus(.pods, failed)
      }
      try await delete(pod)
    } catch  where error.isNotFound {
      // Gone already.
    }
    return nil
  }

  private func delete(_ pod: JSON) async throws {
    do {
      try await client.delete(
        .pods, namespace: pod.namespace, name: pod.name, options: DeleteOptions(gracePeriodSeconds: 0, uid: pod.uid))
    } catch  where error.isNotFound {
      // Gone already.
    }
  }
}
