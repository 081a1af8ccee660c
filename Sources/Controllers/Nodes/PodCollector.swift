import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Removes pods that nobody will end: those of nodes that no longer exist, and those told to end before any node had
/// them.
package final class PodCollector: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let nodes: Informer
  private let pods: Informer
  /// A node may be replaced under its name; its pods are given this long.
  private let quarantine: Duration

  package init(context: ControllerContext, quarantine: Duration = .seconds(40)) {
    self.context = context
    self.quarantine = quarantine
    client = context.client.named("pod-garbage-collector")
    nodes = context.informers.informer(for: .nodes)
    pods = context.informers.informer(for: .pods)
    pods.addIndex(ObjectIndex.node) { $0.nodeName.isEmpty ? [] : [$0.nodeName] }
  }

  package func run() async {
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
      try await client.delete(
        .pods, namespace: pod.namespace, name: pod.name, options: DeleteOptions(gracePeriodSeconds: 0, uid: pod.uid))
    } catch  where error.isNotFound {
      // Gone already.
    }
    return nil
  }
}
