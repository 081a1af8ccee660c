import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Says of each PodDisruptionBudget how many of its pods may be evicted now.
package final class DisruptionController: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let recorder: EventRecorder
  private let budgets: Informer
  private let pods: Informer
  /// The kinds whose objects say how many pods there are to be, but for a ReplicaSet of a Deployment, which asks that.
  private let controllers: [(kind: ResourceKind, informer: Informer)]

  /// An index by namespace: a pod concerns its own alone.
  private static let space = "namespace"

  package init(context: ControllerContext) {
    self.context = context
    client = context.client.named("disruption-controller")
    recorder = context.recorder("disruption-controller")
    budgets = context.informers.informer(for: .podDisruptionBudgets)
    pods = context.informers.informer(for: .pods)
    for informer in [budgets, pods] { informer.addIndex(Self.space) { [$0.namespace] } }
    controllers = [ResourceKind.replicaSets, .deployments, .statefulSets, .replicationControllers].map {
      ($0, context.informers.informer(for: $0))
    }
  }

  package func run() async {
    let reconciler = Reconciler(
      "disruption",
      sources: [.init(budgets) { $0.object.map { [$0.objectName] } ?? [] }, .init(pods, keys: podKeys)]
        + controllers.map { .init($0.informer, keys: controllerKeys) },
      queue: WorkQueue(clock: context.clock), logger: context.logger, sync: sync)
    await reconciler.run(with: recorder)
  }

  private func podKeys(_ event: InformerEvent) -> [ObjectName] {
    switch event {
    case .synced: []
    case .added(let pod), .deleted(let pod): selecting(pod)
    case .updated(let old, let new): old.labels == new.labels ? selecting(new) : selecting(old) + selecting(new)
    }
  }

  private func selecting(_ pod: JSON) -> [ObjectName] {
    budgets.list(index: Self.space, key: pod.namespace).filter { selector(of: $0).matches(pod.labels) }
      .map(\.objectName)
  }

  private func controllerKeys(_ event: InformerEvent) -> [ObjectName] {
    guard let object = event.object else { return [] }
    if case .updated(let old, let new) = event, old.spec["replicas"] == new.spec["replicas"] { return [] }
    return budgets.list(index: Self.space, key: object.namespace).map(\.objectName)
  }

  /// A selector that does not parse, which the server refuses, means nothing.
  private func selector(of budget: JSON) -> LabelSelector {
    (try? LabelSelector(object: budget.spec["selector"])) ?? .nothing
  }

  func sync(_ name: ObjectName) async throws -> Duration? {
    guard let budget = budgets.get(name), !budget.isTerminating else { return nil }
    let selector = selector(of: budget)
    let selected = pods.list(index: Self.space, key: name.namespace).filter { selector.matches($0.labels) }
    if selected.isEmpty { recorder.record(budget, .normal, reason: "NoPods", "No matching pods found") }
    let plan = DisruptionPlan(
      budget: budget, pods: selected, scale: { try self.scale(of: selected) }, now: context.now())
    guard plan.status != budget.status else { return plan.recheckAfter }
    var changed = budget
    changed["status"] = plan.status
    do {
      _ = try await client.updateStatus(.podDisruptionBudgets, changed)
    } catch let error as APIError where error.isConflict || error.isNotFound {
      // The informer brings what there is now, and with it the next sync.
    }
    return plan.recheckAfter
  }

  /// A pod whose controller is not known.
  private struct UnknownController: Error, CustomStringConvertible {
    let pod: String
    var description: String { "found no controllers for pod \"\(pod)\"" }
  }

  /// How many pods the controllers of these are to have in all. Pods without one do not count.
  private func scale(of pods: [JSON]) throws -> Int {
    var counts: [String: Int] = [:]
    // Of several the same one is named each time: every new text would be a new status, and that another sync.
    var unknown: String?
    for pod in pods {
      guard let reference = pod.controllerReference else { continue }
      let uid = reference["uid"]?.string ?? ""
      if counts[uid] != nil { continue }
      let kind = reference["kind"]?.string ?? ""
      guard var owner = find(kind, reference["name"]?.string ?? "", uid, in: pod.namespace) else {
        unknown = min(unknown ?? pod.name, pod.name)
        continue
      }
      // Of a Deployment's sets each has a part only.
      if let above = owner.controllerReference, above["kind"] == "Deployment",
        let found = find("Deployment", above["name"]?.string ?? "", above["uid"]?.string ?? "", in: pod.namespace)
      {
        counts[uid] = 0
        owner = found
      }
      counts[owner.uid] = Int(owner.spec["replicas"]?.int ?? 1)
    }
    if let unknown { throw UnknownController(pod: unknown) }
    return counts.values.reduce(0, +)
  }

  private func find(_ kind: String, _ name: String, _ uid: String, in namespace: String) -> JSON? {
    guard
      let found = controllers.first(where: { $0.kind.kind == kind })?.informer.get(namespace: namespace, name: name),
      found.uid == uid
    else { return nil }
    return found
  }
}
