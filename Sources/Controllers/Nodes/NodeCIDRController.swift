import APIClient
import JSONTree
import KubernetesAPI
import Logging
package import NetworkTypes
import ServiceLifecycle
import Synchronization

/// Which node has which block of the pod network.
struct NodeCIDRAllocation {
  let network: CIDR
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

/// Gives every node a block of addresses for pods of each family, once and for good.
package final class NodeCIDRController: Service {
  /// A network of pods, and the length of a node's block in it.
  package struct Network: Sendable, Hashable {
    package let block: CIDR
    package let nodePrefixLength: Int

    /// - Parameter nodePrefixLength: Where `nil`, as upstream cuts a network of its family: /24 and /64.
    package init(_ block: CIDR, nodePrefixLength: Int? = nil) {
      self.block = block
      self.nodePrefixLength = nodePrefixLength ?? (block.family == .v4 ? 24 : 64)
    }
  }

  private let context: ControllerContext
  private let client: APIClient
  private let recorder: EventRecorder
  private let nodes: Informer
  /// One for each network, the primary one first.
  private let allocations: Mutex<[NodeCIDRAllocation]>

  /// - Parameter networks: At most one of each family, the primary one first.
  package init(context: ControllerContext, networks: [Network]) {
    self.context = context
    client = context.client.named("node-ipam-controller")
    recorder = context.recorder("node-ipam-controller")
    nodes = context.informers.informer(for: .nodes)
    allocations = Mutex(networks.map { NodeCIDRAllocation(network: $0.block, prefixLength: $0.nodePrefixLength) })
  }

  package func run() async {
    let reconciler = Reconciler(
      "nodeipam", sources: [.init(nodes, keys: keys)], queue: WorkQueue(clock: context.clock), workers: 1,
      logger: context.logger, sync: sync)
    await reconciler.run(with: recorder)
  }

  private func keys(_ event: InformerEvent) -> [String] {
    guard let node = event.object else { return [] }
    if case .deleted = event {
      allocations.withLock { allocations in
        for index in allocations.indices { allocations[index].release(node.name) }
      }
      return []
    }
    let blocks = Self.blocks(of: node)
    if blocks.isEmpty { return [node.name] }
    // Blocks of networks that there are no more are nobody's to give.
    allocations.withLock { allocations in
      for block in blocks {
        for index in allocations.indices where allocations[index].network.contains(block) {
          allocations[index].take(block, for: node.name)
        }
      }
    }
    return []
  }

  private static func blocks(of node: JSON) -> [CIDR] {
    let list = node.spec["podCIDRs"]?.items ?? node.spec["podCIDR"].map { [$0] } ?? []
    return list.compactMap { $0.string.flatMap { CIDR($0) } }
  }

  func sync(_ name: String) async throws -> Duration? {
    guard let node = nodes.get(name: name), Self.blocks(of: node).isEmpty else { return nil }
    guard let blocks = allocate(for: name) else {
      recorder.record(
        node, .warning, reason: "CIDRNotAvailable",
        "Node \(name) status is now: CIDRNotAvailable: every block of the pod network is taken")
      return .seconds(30)
    }
    let texts = blocks.map { JSON.string("\($0)") }
    guard let first = texts.first else { return nil }
    _ = try await client.patch(.nodes, name: name, ["spec": ["podCIDR": first, "podCIDRs": .array(texts)]])
    return nil
  }

  /// A block of every network; `nil`, and none is taken, where one of them has none left.
  private func allocate(for name: String) -> [CIDR]? {
    allocations.withLock { allocations in
      var blocks: [CIDR] = []
      for index in allocations.indices {
        guard let block = allocations[index].allocate(for: name) else {
          for taken in 0..<index { allocations[taken].release(name) }
          return nil
        }
        blocks.append(block)
      }
      return blocks
    }
  }
}
