import APIClient
import JSONTree
import KubernetesAPI
import Logging
import NetworkTypes
import ServiceLifecycle
import Synchronization

/// Gives Services of type LoadBalancer addresses from a pool, and takes them back. The nodes' agents announce them.
///
/// What is in use is what the Services' statuses say. A Service that cannot be served waits, and is served as soon as
/// there is room.
package final class LoadBalancerController: Service {
  /// Keeps a Service from going before its address is free (`k8s.io/cloud-provider/service/helpers`).
  static let finalizer = "service.kubernetes.io/load-balancer-cleanup"

  private enum Key: Hashable, Sendable {
    case service(ObjectName)
    case pools
  }

  /// What people were told of a Service, so that they are not told again.
  private struct Told {
    var uid = ""
    var isWaiting = false
    var reason = ""
    var outsidePools: Set<IPAddress> = []
  }

  private let context: ControllerContext
  private let fallback: [AddressRange]
  private let client: APIClient
  private let recorder: EventRecorder
  private let services: Informer
  private let configMaps: Informer
  private let inUse: AddressUse
  private let queue: WorkQueue<Key>
  /// As they were last read; `nil` before.
  private let known = Mutex<AddressPools?>(nil)
  private let told = Mutex<[ObjectName: Told]>([:])
  private static let wantedIndex = "load-balancer"

  /// - Parameter fallback: the default pool where the ConfigMap has none.
  package init(context: ControllerContext, fallback: [AddressRange] = []) {
    self.context = context
    self.fallback = fallback
    client = context.client.named("service-controller")
    recorder = context.recorder("service-controller")
    services = context.informers.informer(for: .services)
    var selection = InformerConfiguration(namespace: AddressPools.configMapNamespace)
    selection.fieldSelector = "metadata.name=\(AddressPools.configMapName)"
    configMaps = Informer(
      client: context.client, kind: .configMaps, configuration: selection, logger: context.logger)
    inUse = AddressUse(services)
    queue = WorkQueue(clock: context.clock)
    services.addIndex(Self.wantedIndex) { LoadBalancerPlan.isWanted(by: $0) ? [""] : [] }
  }

  package func run() async {
    // One worker: two Services at a time could be given the same address.
    let reconciler = Reconciler(
      "service", sources: [.init(services, keys: serviceKeys), .init(configMaps) { $0.object == nil ? [] : [.pools] }],
      queue: queue, workers: 1, logger: context.logger, sync: sync)
    await withDiscardingTaskGroup { group in
      group.addTask { await self.recorder.run() }
      group.addTask { await self.configMaps.run() }
      group.addTask { await reconciler.run() }
    }
  }

  // MARK: Events to keys

  private func serviceKeys(_ event: InformerEvent) -> [Key] {
    guard let service = event.object else { return [] }
    let name = service.objectName
    var keys: [Key] = []
    switch event {
    case .deleted:
      told.withLock { $0[name] = nil }
      if !LoadBalancerPlan.addresses(of: service).isEmpty { keys = waiting }
    case .updated(let old, let new):
      for (reason, message) in LoadBalancerChanges.events(from: old, to: new) {
        recorder.record(new, .normal, reason: reason, message)
      }
      let freed = Set(LoadBalancerPlan.addresses(of: old)).subtracting(LoadBalancerPlan.addresses(of: new))
      if !freed.isEmpty { keys = waiting }
      if Self.concerns(old) || Self.concerns(new) { keys.append(.service(name)) }
    default:
      if Self.concerns(service) { keys = [.service(name)] }
    }
    return keys
  }

  private static func concerns(_ service: JSON) -> Bool {
    LoadBalancerPlan.isWanted(by: service) || service.finalizers.contains(finalizer)
  }

  private var waiting: [Key] { told.withLock { told in told.filter(\.value.isWaiting).map { .service($0.key) } } }

  private func tell<Result>(_ service: JSON, _ body: (inout Told) -> Result) -> Result {
    told.withLock { told in
      if told[service.objectName]?.uid != service.uid { told[service.objectName] = Told(uid: service.uid) }
      return body(&told[service.objectName]!)
    }
  }

  // MARK: Sync

  private func sync(_ key: Key) async throws -> Duration? {
    switch key {
    case .pools:
      syncPools()
      return nil
    case .service(let name): return try await syncService(name)
    }
  }

  private var configMap: JSON? {
    configMaps.get(namespace: AddressPools.configMapNamespace, name: AddressPools.configMapName)
  }

  /// Read when they change, and not for each Service anew.
  private var pools: AddressPools {
    if let pools = known.withLock({ $0 }) { return pools }
    return readPools()
  }

  private func readPools() -> AddressPools {
    let pools = AddressPools(configMap?["data"]?.object?.strings ?? [:], fallback: fallback)
    known.withLock { $0 = pools }
    return pools
  }

  private func syncPools() {
    let faults = readPools().faults
    if let configMap, !faults.isEmpty {
      recorder.record(configMap, .warning, reason: "InvalidAddressPools", faults.joined(separator: "; "))
    }
    for service in services.list(index: Self.wantedIndex, key: "") { queue.add(.service(service.objectName)) }
  }

  private func syncService(_ name: ObjectName) async throws -> Duration? {
    guard let service = services.get(name) else { return nil }
    // The event of our own write brings it back.
    guard inUse.isSettled(name) else { return nil }
    if LoadBalancerPlan.isWanted(by: service) {
      try await serve(service)
    } else if service.finalizers.contains(Self.finalizer) {
      try await release(service)
    }
    return nil
  }

  private func serve(_ service: JSON) async throws {
    let pools = pools
    // Where there are no pools, an address that was not given here is from whoever serves such Services then.
    if pools.isEmpty, !service.finalizers.contains(Self.finalizer), !LoadBalancerPlan.addresses(of: service).isEmpty {
      return
    }
    // Before the addresses are looked at: one that becomes free from here on brings the Service back.
    tell(service) { $0.isWaiting = true }
    let plan = LoadBalancerPlan(service: service, pools: pools) { inUse.isTaken($0, from: service) }
    let outside = tell(service) { told in
      let new = plan.outsidePools.filter { !told.outsidePools.contains($0) }
      told.outsidePools = Set(plan.outsidePools)
      return new
    }
    for address in outside {
      recorder.record(
        service, .warning, reason: "AddressOutsidePools",
        "Address \(address) is in no address pool any more; it stays until the Service goes or asks for another")
    }
    switch plan.outcome {
    case .pending(let reason):
      let isNew = tell(service) { told in
        defer { (told.isWaiting, told.reason) = (true, reason) }
        return told.reason != reason
      }
      if isNew {
        recorder.record(
          service, .warning, reason: "SyncLoadBalancerFailed",
          "Error syncing load balancer: failed to ensure load balancer: \(reason)")
      }
    case .addresses(let addresses):
      try await assign(addresses, to: service)
      // One family of two may be missing still.
      let isWhole = addresses.count == LoadBalancerPlan.families(of: service).count
      tell(service) { ($0.isWaiting, $0.reason) = (!isWhole, "") }
    }
  }

  private func assign(_ addresses: [IPAddress], to service: JSON) async throws {
    let ingress: JSON = .array(addresses.map { ["ip": .string("\($0)"), "ipMode": "VIP"] })
    let isAssigned = service.status[path: "loadBalancer", "ingress"] == ingress
    guard !isAssigned || !service.finalizers.contains(Self.finalizer) else { return }
    recorder.record(service, .normal, reason: "EnsuringLoadBalancer", "Ensuring load balancer")
    var current = service
    if !service.finalizers.contains(Self.finalizer) {
      current[path: "metadata", "finalizers"] = .array((service.finalizers + [Self.finalizer]).map(JSON.string))
      current = try await client.update(.services, current)
    }
    if !isAssigned {
      current[path: "status", "loadBalancer"] = ["ingress": ingress]
      current = try await client.updateStatus(.services, current)
    }
    inUse.record(current)
    recorder.record(service, .normal, reason: "EnsuredLoadBalancer", "Ensured load balancer")
  }

  /// Takes the address back, then lets the Service go, or go on as what it is now.
  private func release(_ service: JSON) async throws {
    recorder.record(service, .normal, reason: "DeletingLoadBalancer", "Deleting load balancer")
    var current = service
    do {
      if !service.isTerminating, !LoadBalancerPlan.addresses(of: service).isEmpty {
        current[path: "status", "loadBalancer"] = [:]
        current = try await client.updateStatus(.services, current)
      }
      let left = service.finalizers.filter { $0 != Self.finalizer }
      current[path: "metadata", "finalizers"] = left.isEmpty ? nil : .array(left.map(JSON.string))
      inUse.record(try await client.update(.services, current))
    } catch  where error.isNotFound {
      return
    }
    recorder.record(service, .normal, reason: "DeletedLoadBalancer", "Deleted load balancer")
  }
}
