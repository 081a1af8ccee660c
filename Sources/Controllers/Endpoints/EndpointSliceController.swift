import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Keeps the EndpointSlices of every Service with a selector.
package final class EndpointSliceController: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let selected: SelectedPods
  private let slices: Informer
  private let nodes: Informer
  private let pending = PendingWrites()
  private let triggers = TriggerTimes()
  /// By the Service they belong to, of the slices this controller manages.
  private static let serviceIndex = "service"

  package init(context: ControllerContext) {
    self.context = context
    client = context.client.named("endpointslice-controller")
    selected = SelectedPods(context.informers)
    slices = context.informers.informer(for: .endpointSlices)
    nodes = context.informers.informer(for: .nodes)
    slices.addIndex(Self.serviceIndex) { Self.service(of: $0).map { ["\($0)"] } ?? [] }
  }

  package func run() async {
    await Reconciler(
      "endpointslice",
      sources: [
        .init(selected.services, keys: serviceKeys), .init(selected.pods, keys: selected.services(concernedBy:)),
        .init(slices, keys: sliceKeys), .init(nodes, keys: nodeKeys),
      ], queue: WorkQueue(clock: context.clock), logger: context.logger, sync: sync
    ).run()
  }

  // MARK: Events to keys

  private static func service(of slice: JSON) -> ObjectName? {
    EndpointSlicePlan.service(of: slice, managedBy: EndpointSlicePlan.manager)
  }

  private func serviceKeys(_ event: InformerEvent) -> [ObjectName] {
    guard let service = event.object else { return [] }
    if case .deleted = event {
      pending.forget(service.objectName)
      triggers.forget(service.objectName)
    }
    guard SelectedPods.hasSelector(service) || service.spec["type"]?.string == "ExternalName" else { return [] }
    return [service.objectName]
  }

  private func sliceKeys(_ event: InformerEvent) -> [ObjectName] {
    pending.keys(of: event, Self.service(of:))
  }

  /// A node that comes, goes or moves to another zone does so with its endpoints.
  private func nodeKeys(_ event: InformerEvent) -> [ObjectName] {
    if case .updated(let old, let new) = event, Self.zone(of: old) == Self.zone(of: new) { return [] }
    guard let node = event.object else { return [] }
    return selected.pods.list(index: ObjectIndex.node, key: node.name).flatMap { selected.services(selecting: $0) }
  }

  private static func zone(of node: JSON) -> String? {
    node.labels["topology.kubernetes.io/zone"].flatMap { $0.isEmpty ? nil : $0 }
  }

  // MARK: Sync

  func sync(_ name: ObjectName) async throws -> Duration? {
    // The slices go with their owner.
    guard let service = selected.services.get(name),
      SelectedPods.hasSelector(service) || service.spec["type"]?.string == "ExternalName"
    else { return nil }
    guard pending.isSettled(name) else { return .seconds(5) }
    let existing = slices.list(index: Self.serviceIndex, key: "\(name)")
    let pods = selected.pods(of: service)
    let plan = EndpointSlicePlan(
      service: service, pods: pods, existing: existing, trigger: triggers.trigger(of: service, pods: pods)
    ) { node in
      nodes.get(name: node).map { .zone(Self.zone(of: $0)) } ?? .unknownNode
    }
    try await SliceWriter(client: client, slices: slices, pending: pending).write(
      creations: plan.creations, updates: plan.updates, deletions: plan.deletions, for: name)
    return nil
  }
}
