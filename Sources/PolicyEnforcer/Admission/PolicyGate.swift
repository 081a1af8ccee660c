package import APIClient
package import ClusterModel
internal import HashTreeCollections
internal import JSONTree
package import KubernetesAPI

/// Holds a pod's start back until its policies are in force on this node.
package struct PolicyGate: Sendable {
  private let client: APIClient
  private let nodeName: String
  private let inForce: SnapshotsInForce
  private let patience: Duration

  /// - Parameter patience: how long a pod's start may be held; the runtime tries again after that.
  package init(
    client: APIClient, nodeName: String, inForce: SnapshotsInForce, patience: Duration = .seconds(10)
  ) {
    self.client = client
    self.nodeName = nodeName
    self.inForce = inForce
    self.patience = patience
  }

  /// Returns once the node knows the pod, its address, and its namespace and policies as they are now, and has all of that
  /// in force.
  /// - Throws: ``NotInForce`` where that takes longer than the pod's start may be held.
  package func admit(_ pod: ObjectName, uid: String) async throws {
    if await wait(for: pod, uid, try await versions(in: pod.namespace)) { return }
    // What was listed may have been deleted since.
    let isInForce = await wait(for: pod, uid, try await versions(in: pod.namespace), atMost: .seconds(1))
    guard isInForce else { throw NotInForce(pod: pod, patience: patience) }
  }

  private func wait(
    for pod: ObjectName, _ uid: String, _ wanted: Versions, atMost patience: Duration? = nil
  ) async -> Bool {
    let nodeName = nodeName
    return await inForce.wait(atMost: patience ?? self.patience) { snapshot in
      guard let model = snapshot.pods[pod], model.uid == uid, model.nodeName == nodeName,
        snapshot.attachments.values.contains(uid),
        snapshot.namespaces[pod.namespace].map({ $0.revision >= wanted.namespace }) ?? false
      else { return false }
      return wanted.policies.allSatisfy { name, revision in
        (snapshot.policies[name] ?? snapshot.auditedPolicies[name]).map { $0.revision >= revision } ?? false
      }
    }
  }

  private struct Versions: Sendable {
    var namespace: UInt64 = 0
    var policies: [ObjectName: UInt64] = [:]
  }

  /// What the API has now: the watches may be behind it.
  ///
  /// Where it cannot be reached, nothing is newer than what they have told; pods that were known before start as they
  /// would have.
  private func versions(in namespace: String) async throws -> Versions {
    var versions = Versions()
    let (object, list): (JSON, ObjectList)
    do {
      object = try await client.get(.namespaces, name: namespace)
      list = try await client.list(.networkPolicies, namespace: namespace)
    } catch let error as APIError where error.code == .connection || error.code == .timedOut {
      return versions
    }
    versions.namespace = UInt64(object.resourceVersion) ?? 0
    for policy in list.items { versions.policies[policy.objectName] = UInt64(policy.resourceVersion) ?? 0 }
    return versions
  }
}

/// A pod's policies were not in force in time.
package struct NotInForce: Error, CustomStringConvertible {
  package let pod: ObjectName
  package let patience: Duration

  package var description: String {
    "the network policies of pod \(pod) are not in force on this node after \(patience); the runtime tries again"
  }
}
