import APIClient
import JSONTree
import KubernetesAPI

/// Which objects a controller object owns: those with its UID that its selector selects; orphans that it selects are
/// adopted, its own that it no longer selects are let go.
struct OwnershipClaim {
  private(set) var owned: [JSON] = []
  private(set) var toAdopt: [JSON] = []
  private(set) var toRelease: [JSON] = []

  init(owner: JSON, selector: LabelSelector, owned candidates: [JSON], orphans: [JSON]) {
    for object in candidates {
      if selector.matches(object.labels) {
        owned.append(object)
      } else if !owner.isTerminating {
        toRelease.append(object)
      }
    }
    guard !owner.isTerminating else { return }
    toAdopt = orphans.filter { !$0.isTerminating && selector.matches($0.labels) }
  }

  /// Writes adoptions and releases; returns what is owned afterwards. An owner that was replaced or is being deleted
  /// adopts nothing: that is asked of the server, not of the informer.
  func settle(kind: ResourceKind, owner: JSON, ownerKind: ResourceKind, client: APIClient) async throws -> [JSON] {
    var result = owned
    if !toAdopt.isEmpty {
      let live = try await client.find(ownerKind, namespace: owner.namespace, name: owner.name)
      if let live, live.uid == owner.uid, !live.isTerminating {
        for object in toAdopt {
          if let adopted = try await adopt(object, kind, by: owner, client) { result.append(adopted) }
        }
      }
    }
    for object in toRelease { try await release(object, kind, from: owner, client) }
    return result
  }

  private func adopt(_ object: JSON, _ kind: ResourceKind, by owner: JSON, _ client: APIClient) async throws -> JSON? {
    let patch: JSON = [
      "metadata": [
        "ownerReferences": .array(object.ownerReferences + [owner.ownerReference()]), "uid": .string(object.uid),
        "resourceVersion": .string(object.resourceVersion),
      ]
    ]
    do {
      return try await client.patch(kind, namespace: object.namespace, name: object.name, patch)
    } catch let error as APIError where error.isNotFound {
      return nil
    }
  }

  private func release(_ object: JSON, _ kind: ResourceKind, from owner: JSON, _ client: APIClient) async throws {
    let remaining = object.ownerReferences.filter { $0["uid"]?.string != owner.uid }
    let patch: JSON = [
      "metadata": [
        "ownerReferences": remaining.isEmpty ? .null : .array(remaining), "uid": .string(object.uid),
        "resourceVersion": .string(object.resourceVersion),
      ]
    ]
    do {
      _ = try await client.patch(kind, namespace: object.namespace, name: object.name, patch)
    } catch let error as APIError where error.isNotFound {
      // It is gone: nothing to let go.
    }
  }
}
