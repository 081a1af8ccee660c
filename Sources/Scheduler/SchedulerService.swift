package import APIClient
import JSONTree
package import KubernetesAPI
package import Logging
import ServiceLifecycle

/// Binds pods to nodes as soon as they appear, and says why where a pod fits nowhere.
package final class SchedulerService: Service {
  private enum Input: Sendable {
    case node(InformerEvent)
    case pod(InformerEvent)
    case bindingFailed(JSON)
  }

  private let client: APIClient
  private let nodes: Informer
  private let pods: Informer
  private let recorder: EventRecorder
  private let logger: Logger
  private let now: @Sendable () -> Timestamp

  package init(
    client: APIClient, informers: InformerFactory, logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now }
  ) {
    self.client = client.named("default-scheduler")
    nodes = informers.informer(for: .nodes)
    pods = informers.informer(for: .pods)
    recorder = EventRecorder(client: client, component: "default-scheduler", logger: logger, now: now)
    self.logger = logger
    self.now = now
  }

  /// Schedules until the task is cancelled or shutdown begins. The informers are run by whoever made the factory.
  package func run() async {
    await cancelWhenGracefulShutdown {
      let (inputs, intake) = AsyncStream.makeStream(of: Input.self)
      await withDiscardingTaskGroup { group in
        group.addTask { await self.recorder.run() }
        group.addTask { for await event in self.nodes.subscribe() { intake.yield(.node(event)) } }
        group.addTask { for await event in self.pods.subscribe() { intake.yield(.pod(event)) } }
        var state = SchedulerState()
        var unsynced = 2
        for await input in inputs {
          switch input {
          case .node(.synced), .pod(.synced): unsynced -= 1
          case .node(let event): state.takeNode(event)
          case .pod(let event): state.takePod(event)
          case .bindingFailed(let pod): state.bindingFailed(pod)
          }
          guard unsynced == 0 else { continue }
          for decision in state.decide() {
            group.addTask { if let failed = await self.carryOut(decision) { intake.yield(.bindingFailed(failed)) } }
          }
        }
      }
    }
  }

  /// Returns the pod where binding it failed and must be tried again.
  private func carryOut(_ decision: SchedulerState.Decision) async -> JSON? {
    switch decision {
    case .bind(let pod, let node): return await bind(pod, to: node)
    case .refuse(let pod, let message, let isNews):
      if isNews { await explain(pod, message) }
      return nil
    }
  }

  private func bind(_ pod: JSON, to node: String) async -> JSON? {
    let binding: JSON = [
      "apiVersion": "v1", "kind": "Binding",
      "metadata": [
        "name": .string(pod.name), "namespace": .string(pod.namespace), "uid": .string(pod.uid),
      ],
      "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
    ]
    do {
      _ = try await client.create(
        .pods, binding, namespace: pod.namespace, name: pod.name, subresource: "binding")
      recorder.record(
        pod, .normal, reason: "Scheduled", "Successfully assigned \(pod.namespace)/\(pod.name) to \(node)")
      return nil
    } catch {
      // Gone, or bound by somebody else: the informer tells.
      if error.isNotFound || error.isConflict || error is CancellationError { return nil }
      logger.warning("a pod could not be bound", metadata: ["pod": "\(pod.objectName)", "error": "\(error)"])
      try? await Task.sleep(for: .milliseconds(200))
      return pod
    }
  }

  private func explain(_ pod: JSON, _ message: String) async {
    recorder.record(pod, .warning, reason: "FailedScheduling", message)
    do {
      let reason = "Unschedulable"
      let time = now()
      try await client.modify(.pods, namespace: pod.namespace, name: pod.name, subresource: "status") { current in
        guard current.uid == pod.uid, current.nodeName.isEmpty else { return nil }
        var changed = current
        changed.setCondition(
          "PodScheduled", isTrue: false, reason: reason, message: message, observedGeneration: current.generation,
          at: time)
        return changed
      }
    } catch {
      logger.debug("a pod's condition was not written", metadata: ["pod": "\(pod.objectName)", "error": "\(error)"])
    }
  }
}
