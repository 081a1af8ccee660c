import APIClient
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle

/// Keeps the core/v1 Endpoints of every Service with a selector, for clients that still read them.
package final class EndpointsController: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let selected: SelectedPods
  private let endpoints: Informer
  private let recorder: EventRecorder
  private let triggers = TriggerTimes()

  package init(context: ControllerContext) {
    self.context = context
    client = context.client.named("endpoint-controller")
    selected = SelectedPods(context.informers)
    endpoints = context.informers.informer(for: .endpoints)
    recorder = context.recorder("endpoint-controller")
  }

  package func run() async {
    let reconciler = Reconciler(
      "endpoints",
      sources: [
        .init(selected.services, keys: serviceKeys),
        .init(selected.pods, keys: selected.services(concernedBy:)),
        .init(endpoints) { event in
          guard let object = event.object, object.labels[EndpointsPlan.managedBy] != nil else { return [] }
          return [object.objectName]
        },
      ], queue: WorkQueue(clock: context.clock), logger: context.logger, sync: sync)
    await reconciler.run(with: recorder)
  }

  private func serviceKeys(_ event: InformerEvent) -> [ObjectName] {
    guard let service = event.object else { return [] }
    if case .deleted = event {
      triggers.forget(service.objectName)
      // Endpoints that somebody made by hand go with their Service too.
      return [service.objectName]
    }
    return SelectedPods.hasSelector(service) ? [service.objectName] : []
  }

  func sync(_ name: ObjectName) async throws -> Duration? {
    let current = endpoints.get(name)
    guard let service = selected.services.get(name) else {
      if let current, current.annotations[MirrorPlan.leaderAnnotation] == nil { try await delete(current) }
      return nil
    }
    guard SelectedPods.hasSelector(service), service.spec["type"]?.string != "ExternalName" else { return nil }
    let pods = selected.pods(of: service)
    let trigger = triggers.trigger(of: service, pods: pods)
    let wanted = EndpointsPlan.endpoints(of: service, pods: pods, current: current, trigger: trigger)
    guard wanted != current else { return nil }
    do {
      if current == nil {
        guard !service.isTerminating else { return nil }
        _ = try await client.create(.endpoints, wanted)
      } else {
        _ = try await client.update(.endpoints, wanted)
      }
    } catch let error as APIError where error.isNamespaceTerminating {
      return nil
    } catch let error as APIError where !error.isConflict {
      recorder.record(
        wanted, .warning, reason: current == nil ? "FailedToCreateEndpoint" : "FailedToUpdateEndpoint",
        "Failed to \(current == nil ? "create endpoint for service" : "update endpoint") \(name): \(error.message)")
      throw error
    }
    return nil
  }

  private func delete(_ object: JSON) async throws {
    do {
      try await client.delete(
        .endpoints, namespace: object.namespace, name: object.name, options: DeleteOptions(uid: object.uid))
    } catch  where error.isNotFound || error.isConflict {
      // It is gone, or another's by now.
    }
  }
}
