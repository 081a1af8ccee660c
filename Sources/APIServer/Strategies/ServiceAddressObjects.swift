import JSONTree
import KubernetesAPI
import NetworkTypes

/// Keeps an IPAddress object for every cluster address of a Service, by which clients see what is taken.
///
/// The addresses themselves are given by ``ServiceAddressAllocator``, at once; these objects follow a moment later.
package struct ServiceAddressObjects: Sendable {
  private static let manager = "ipallocator.k8s.io"
  private static let managedBy = "ipaddress.kubernetes.io/managed-by"
  private static let family = "ipaddress.kubernetes.io/ip-family"

  private let registry: Registry
  private let changes: AsyncStream<Void>

  package init(registry: Registry) throws(APIStatus) {
    self.registry = registry
    let (stream, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    changes = stream
    for kind: ResourceKind in [.services, .ipAddresses] {
      try registry.cache(of: kind).observe { _ in signal.yield() }
    }
    signal.yield()
  }

  /// Follows the Services until the task is cancelled.
  package func run() async {
    // What fails is tried again with the next change.
    for await _ in changes { try? await reconcile() }
  }

  private func reconcile() async throws(APIStatus) {
    var wanted: [String: JSON] = [:]
    for object in try registry.cache(of: .services).view.objects {
      let service = try object.tree()
      for address in service.spec["clusterIPs"]?.items.compactMap(\.string).compactMap({ IPAddress($0) }) ?? [] {
        wanted[address.description] = Self.object(address, of: service)
      }
    }
    for object in try registry.cache(of: .ipAddresses).view.objects where object.labels[Self.managedBy] == Self.manager
    {
      let tree = try object.tree()
      if tree.spec["parentRef"] == wanted[tree.name]?.spec["parentRef"] {
        wanted[tree.name] = nil
      } else {
        // Somebody else's now, or nobody's.
        _ = try await registry.remove(.ipAddresses, tree, at: object.revision)
      }
    }
    for object in wanted.values where try registry.object(.ipAddresses, object.objectName) == nil {
      _ = try await registry.create(.ipAddresses, object)
    }
  }

  private static func object(_ address: IPAddress, of service: JSON) -> JSON {
    [
      "kind": "IPAddress", "apiVersion": "networking.k8s.io/v1",
      "metadata": [
        "name": .string(address.description), "uid": .string(UID.random()), "generation": 1,
        "creationTimestamp": .string(Timestamp.now.description),
        "labels": [family: .string(address.family.kubernetesName), managedBy: .string(manager)],
      ],
      "spec": [
        "parentRef": [
          "resource": "services", "namespace": .string(service.namespace), "name": .string(service.name),
        ]
      ],
    ]
  }
}
