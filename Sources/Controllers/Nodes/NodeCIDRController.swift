import APIClient
import JSONTree
import KubernetesAPI
import Logging
package import NetworkTypes
import ServiceLifecycle
import Synchronization

/// Which node has which block of the pod network.
struct NodeCIDRAllocation {
  private let network: CIDR
  private let prefixLength: Int
  private var owners: [CIDR: String] = [:]
  private var next: UInt128 = 0

  init(network: CIDR, prefixLength: Int) {
    self.network = network
    self.prefixLength = prefixLength
  }

  /// Takes down that a node has a block.
  mutating func take(_ block: CIDR, for node: String) { owners[block] = node }

  mutating func release(_ node: String) { owners = owners.filter { $0.value != node } }

  /// A block for a node: the one it was promised already, else the next free one, going round, so that a block that
  /// has just become free rests longest. `nil` where all are taken.
  mutating func allocate(for node: String) -> CIDR? {
    if let promised = owners.first(where: { $0.value == node })?.key { return promised }
    let count = UInt128(1) << UInt128(prefixLength - network.prefixLength)
    for _ in 0..<count {
      let candidate = network.subnet(next % count, prefixLength: prefixLength)
      next += 1
      guard let candidate, !owners.keys.contains(where: { $0.overlaps(candidate) }) else { continue }
      owners[candidate] = node
      return candidate
    }
    return nil
  }
}

/// Gives every node its block of addresses for pods, once and for good.
package final class NodeCIDRController: Service {
  private let context: ControllerContext
  private let client: APIClient
  private let recorder: EventRecorder
  private let nodes: Informer
  private let allocation: Mutex<NodeCIDRAllocation>

  package init(context: ControllerContext, network: CIDR, prefixLength: Int) {
    self.context = context
    client = context.client.named("node-ipam-controller")
    recorder = context.recorder("node-ipam-controller")
    nodes = context.informers.informer(for: .nodes)
    allocation = Mutex(NodeCIDRAllocation(network: network, prefixLength: prefixLength))
  }

  package func run() async {
    let reconciler = Reconciler(
      "nodeipam", sources: [.init(nodes, keys: keys)], queue: WorkQueue(clock: context.clock), workers: 1,
      logger: context.logger, sync: sync)
    await withDiscardingTaskGroup { group in
      group.addTask { await self.recorder.run() }
      group.addTask { await reconciler.run() }
    }
  }

  private func keys(_ event: InformerEvent) -> [String] {
    guard let node = event.object else { return [] }
    if case .deleted = event {
      allocation.withLock { $0.release(node.name) }
      return []
    }
    guard let block = node.spec["podCIDR"]?.string.flatMap({ CIDR($0) }) else { return [node.name] }
    allocation.withLock { $0.take(block, for: node.name) }
    return []
  }

  func sync(_ name: String) async throws -> Duration? {
    guard let node = nodes.get(name: name), node.spec["podCIDR"] == nil else { return nil }
    guard let block = allocation.withLock({ $0.allocate(for: name) }) else {
      recorder.record(
        node, .warning, reason: "CIDRNotAvailable",
        "Node \(name) status is now: CIDRNotAvailable: every block of the pod network is taken")
      return .seconds(30)
    }
    let text = JSON.string("\(block)")
    _ = try await client.patch(.nodes, name: name, ["spec": ["podCIDR": text, "podCIDRs": [text]]])
    return nil
  }
}
