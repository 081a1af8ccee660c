import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Mirrors Endpoints that somebody made by hand into EndpointSlices, which is what everybody reads.
package final class MirrorController: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let recorder: EventRecorder
  private let services: Informer
  private let endpoints: Informer
  private let slices: Informer
  private let pending = PendingWrites()
  /// By the Endpoints they mirror.
  private static let index = "mirrored"

  package init(context: ControllerContext) {
    self.context = context
    client = context.client.named("endpointslicemirroring-controller")
    recorder = context.recorder("endpoint-slice-mirroring-controller")
    services = context.informers.informer(for: .services)
    endpoints = context.informers.informer(for: .endpoints)
    slices = context.informers.informer(for: .endpointSlices)
    slices.addIndex(Self.index) { Self.mirrored(by: $0).map { ["\($0)"] } ?? [] }
  }

  package func run() async {
    let reconciler = Reconciler(
      "endpointslicemirroring",
      sources: [
        .init(services, keys: Self.serviceKeys), .init(endpoints, keys: endpointsKeys), .init(slices, keys: sliceKeys),
      ], queue: WorkQueue(clock: context.clock), logger: context.logger, sync: sync)
    await reconciler.run(with: recorder)
  }

  // MARK: Events to keys

  private static func mirrored(by slice: JSON) -> ObjectName? {
    EndpointSlicePlan.service(of: slice, managedBy: MirrorPlan.manager)
  }

  private static func serviceKeys(_ event: InformerEvent) -> [ObjectName] {
    guard let service = event.object else { return [] }
    if case .updated(let old, let new) = event {
      return SelectedPods.hasSelector(old) == SelectedPods.hasSelector(new) ? [] : [service.objectName]
    }
    return SelectedPods.hasSelector(service) ? [] : [service.objectName]
  }

  private func endpointsKeys(_ event: InformerEvent) -> [ObjectName] {
    guard let object = event.object else { return [] }
    if case .deleted = event { pending.forget(object.objectName) }
    var isConcerned = MirrorPlan.isMirrored(object)
    if case .updated(let old, _) = event, MirrorPlan.isMirrored(old) { isConcerned = true }
    // Those of a Service with a selector are the endpoints controller's, and there are many.
    if services.get(object.objectName).map(SelectedPods.hasSelector) == true { isConcerned = false }
    return isConcerned ? [object.objectName] : []
  }

  private func sliceKeys(_ event: InformerEvent) -> [ObjectName] {
    pending.keys(of: event, Self.mirrored(by:))
  }

  // MARK: Sync

  private var writer: SliceWriter { SliceWriter(client: client, slices: slices, pending: pending) }

  func sync(_ name: ObjectName) async throws -> Duration? {
    guard pending.isSettled(name) else { return .seconds(5) }
    let existing = slices.list(index: Self.index, key: "\(name)")
    guard let object = endpoints.get(name), MirrorPlan.isMirrored(object), let service = services.get(name),
      !SelectedPods.hasSelector(service)
    else {
      try await writer.write(creations: [], updates: [], deletions: existing, for: name)
      return nil
    }
    let plan = MirrorPlan(object, existing: existing)
    report(plan, object)
    try await writer.write(
      creations: plan.creations, updates: plan.updates, deletions: plan.deletions, for: name)
    return nil
  }

  private func report(_ plan: MirrorPlan, _ object: JSON) {
    if plan.invalidAddresses > 0 {
      recorder.record(
        object, .warning, reason: "InvalidIPAddress",
        "Skipped \(plan.invalidAddresses) invalid IP addresses when mirroring to EndpointSlices")
    }
    if plan.skippedAddresses > plan.invalidAddresses {
      recorder.record(
        object, .warning, reason: "TooManyAddressesToMirror",
        "A max of \(MirrorPlan.capacity) addresses can be mirrored to EndpointSlices per Endpoints subset. "
          + "\(plan.skippedAddresses) addresses were skipped")
    }
  }
}
