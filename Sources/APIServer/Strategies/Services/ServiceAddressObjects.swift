import JSONTree
import KubernetesAPI
package import Logging
import NIOConcurrencyHelpers
import NetworkTypes

/// Keeps an IPAddress object for every cluster address of a Service, by which clients see what is taken.
///
/// The addresses themselves are given by ``ServiceAddressAllocator``, at once; these objects follow a moment later.
package struct ServiceAddressObjects: Sendable {
  private static let manager = "ipallocator.k8s.io"
  private static let managedBy = "ipaddress.kubernetes.io/managed-by"
  private static let family = "ipaddress.kubernetes.io/ip-family"

  /// An address and a Service that has it, or had it.
  private struct Claim: Hashable {
    let address: IPAddress
    let service: ObjectName
  }

  private let registry: Registry
  /// Services and addresses that have changed, before and after.
  private let changed = NIOLockedValueBox<[(kind: ResourceKind, object: CachedObject)]>([])
  private let signal = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  private let logger: Logger
  private static let retryDelay = Duration.milliseconds(50)
  /// For what is no race with another writer.
  private static let faultDelay = Duration.seconds(1)

  package init(registry: Registry, logger: Logger) throws(APIStatus) {
    self.registry = registry
    self.logger = logger
    for kind: ResourceKind in [.services, .ipAddresses] {
      let cache = try registry.cache(of: kind)
      cache.observe { [changed, signal] change in
        changed.withLockedValue { changed in
          changed.append((kind, change.object))
          if let previous = change.previous { changed.append((kind, previous)) }
        }
        signal.continuation.yield()
      }
      // What was there before is looked at once.
      let objects = cache.view.objects
      changed.withLockedValue { $0 += objects.map { (kind, $0) } }
    }
    signal.continuation.yield()
  }

  /// Follows the Services until the task is cancelled. A change costs what it changes: its own addresses are looked at.
  package func run() async {
    var pending: Set<Claim> = []
    for await _ in signal.stream {
      let taken = changed.withLockedValue { changed in
        defer { changed = [] }
        return changed
      }
      for (kind, object) in taken { pending.formUnion(Self.claims(of: object, kind: kind)) }
      var failed: Set<Claim> = []
      var fault: APIStatus?
      for claim in pending {
        do {
          try await settle(claim)
        } catch {
          failed.insert(claim)
          // Else somebody wrote the object meanwhile.
          if !["Conflict", "AlreadyExists", "NotFound"].contains(error.reason) { fault = error }
        }
      }
      pending = failed
      guard !pending.isEmpty else { continue }
      if let fault { logger.warning("a Service's address has no object", metadata: ["error": "\(fault)"]) }
      // Where the sleep is cancelled the stream has ended too.
      try? await Task.sleep(for: fault == nil ? Self.retryDelay : Self.faultDelay)
      signal.continuation.yield()
    }
  }

  /// Whether an IPAddress object says that it is kept here.
  static func isOwn(_ object: CachedObject) -> Bool { object.labels[managedBy] == manager }

  /// The addresses of a Service; the address and the Service that an IPAddress of ours names.
  private static func claims(of object: CachedObject, kind: ResourceKind) -> [Claim] {
    // The server has decoded it before it came here.
    guard let tree = try? object.tree() else { return [] }
    if kind == .services { return addresses(of: tree).map { Claim(address: $0, service: tree.objectName) } }
    guard isOwn(object), let address = IPAddress(tree.name) else { return [] }
    return [Claim(address: address, service: parent(of: tree))]
  }

  private static func addresses(of service: JSON) -> [IPAddress] {
    (service.spec["clusterIPs"]?.items ?? []).compactMap { $0.string.flatMap { IPAddress($0) } }
  }

  private static func parent(of object: JSON) -> ObjectName {
    let reference = object.spec["parentRef"]
    return ObjectName(namespace: reference?["namespace"]?.string ?? "", name: reference?["name"]?.string ?? "")
  }

  /// Brings the object of one address to what the Service says now.
  private func settle(_ claim: Claim) async throws(APIStatus) {
    let owner = try owner(claim.service, of: claim.address)
    let name = ObjectName(name: claim.address.description)
    if let held = try registry.object(.ipAddresses, name) {
      guard Self.isOwn(held) else { return }
      let tree = try held.tree()
      // It may be another Service's by now.
      if try self.owner(Self.parent(of: tree), of: claim.address) != nil { return }
      _ = try await registry.remove(.ipAddresses, tree, at: held.revision)
    }
    if let owner { _ = try await registry.create(.ipAddresses, Self.object(claim.address, of: owner)) }
  }

  /// The Service of this name, where it has the address.
  private func owner(_ name: ObjectName, of address: IPAddress) throws(APIStatus) -> JSON? {
    guard let service = try registry.object(.services, name)?.tree(), Self.addresses(of: service).contains(address)
    else { return nil }
    return service
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
