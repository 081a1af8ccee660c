import APIClient
import JSONTree
import KubernetesAPI

/// Carries out what a plan says of EndpointSlices, and takes down what was written until the informer shows it.
struct SliceWriter: Sendable {
  let client: APIClient
  let slices: Informer
  let pending: PendingWrites

  /// - Parameter key: the object the slices were planned for.
  func write(creations: [JSON], updates: [JSON], deletions: [JSON], for key: ObjectName) async throws {
    for slice in creations {
      do {
        pending.record(try await client.create(.endpointSlices, slice), for: key, in: slices)
      } catch let error as APIError where error.isNamespaceTerminating {
        return
      }
    }
    for slice in updates {
      pending.record(try await client.update(.endpointSlices, slice), for: key, in: slices)
    }
    for slice in deletions { try await delete(slice) }
  }

  private func delete(_ slice: JSON) async throws {
    do {
      try await client.delete(
        .endpointSlices, namespace: slice.namespace, name: slice.name, options: DeleteOptions(uid: slice.uid))
    } catch  where error.isNotFound || error.isConflict {
      // It is gone, or another's by now.
    }
  }
}
