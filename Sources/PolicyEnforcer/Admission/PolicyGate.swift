package import APIClient
package import ClusterModel
internal import HashTreeCollections
internal import JSONTree
package import KubernetesAPI

/// Holds a pod's start back until its policies are in force on this node.
package struct PolicyGate: Sendable {
  private let client: APIClient
  private let inForce: SnapshotsInForce
  private let patience: Duration

  /// - Parameter patience: how long a pod's start may be held; the runtime tries again after that.
  package init(client: APIClient, inForce: SnapshotsInForce, patience: Duration = .seconds(10)) {
    self.client = client
    self.inForce = inForce
    self.patience = patience
  }

  /// Returns once the node knows the pod, its address, and its namespace and policies as they are now, and has all of that
  /// in force.
  /// - Throws: ``NotInForce`` where that takes longer than the pod's start may be held.
  package func admit(_ pod: ObjectName, uid: String) async throws {
    let wanted = await versions(in: pod.namespace)
    let isInForce = await inForce.wait(atMost: patience) { snapshot in
      guard snapshot.pods[pod]?.uid == uid, snapshot.attachments.values.contains(uid),
        snapshot.namespaces[pod.namespace].map({ $0.revision >= wanted.namespace }) ?? false
      else { return false }
      return wanted.policies.allSatisfy { name, revision in
        snapshot.policies[name].map { $0.revision >= revision } ?? false
      }
    }
    guard isInForce else { throw NotInForce(pod: pod, patience: patience) }
  }

  private struct Versions {
    var namespace: UInt64 = 0
    var policies: [ObjectName: UInt64] = [:]
  }

  /// What the API has now: the watches may be behind it.
  ///
  /// Where it does not answer, nothing is newer than what they have told; pods that were known before start as they would
  /// have.
  private func versions(in namespace: String) async -> Versions {
    var versions = Versions()
    guard let object = try? await client.get(.namespaces, name: namespace),
      let list = try? await client.list(.networkPolicies, namespace: namespace)
    else { return versions }
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
