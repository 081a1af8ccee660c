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

  package init(context: ControllerContext) {
    self.context = context
    client = context.client.named("endpoint-controller")
    selected = SelectedPods(context.informers)
    endpoints = context.informers.informer(for: .endpoints)
  }

  package func run() async {
    await Reconciler(
      "endpoints",
      sources: [
        .init(selected.services) { $0.object.map { SelectedPods.hasSelector($0) ? [$0.objectName] : [] } ?? [] },
        .init(selected.pods, keys: selected.services(concernedBy:)),
        .init(endpoints) { event in
          guard let object = event.object, object.labels[EndpointsPlan.managedBy] != nil else { return [] }
          return [object.objectName]
        },
      ], queue: WorkQueue(clock: context.clock), logger: context.logger, sync: sync
    ).run()
  }

  func sync(_ name: ObjectName) async throws -> Duration? {
    let current = endpoints.get(name)
    guard let service = selected.services.get(name), !service.isTerminating else {
      if let current, current.labels[EndpointsPlan.managedBy] == EndpointsPlan.manager { try await delete(current) }
      return nil
    }
    guard SelectedPods.hasSelector(service), service.spec["type"]?.string != "ExternalName" else { return nil }
    let wanted = EndpointsPlan.endpoints(of: service, pods: selected.pods(of: service), current: current)
    guard wanted != current else { return nil }
    do {
      if current == nil {
        _ = try await client.create(.endpoints, wanted)
      } else {
        _ = try await client.update(.endpoints, wanted)
      }
    } catch let error as APIError where error.isNamespaceTerminating {
      return nil
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
