import ClusterModel
import HashTreeCollections
import KubernetesAPI
import NFTables
import NetworkTypes
import PolicyPlan
import SwitchboardTesting

@testable import PolicyEnforcer

/// One node's policies without a kernel: the plan and its rules, carried out by a packet tracer.
struct TracedNode {
  private(set) var snapshot = ClusterSnapshot()
  private(set) var plan: PolicyPlan
  private var kernel: PolicyKernelFake
  private var isFirst = true

  init(_ name: String, _ family: IPAddress.Family = .v4, nameServerAddresses: [IPAddress] = [], logGroup: UInt16? = nil)
  {
    plan = PolicyPlan(.init(nodeName: name, family: family, nameServerAddresses: nameServerAddresses))
    kernel = PolicyKernelFake(PolicyRules(family: family, logGroup: logGroup))
  }

  /// The steps the changes took.
  @discardableResult
  mutating func apply(_ events: [ClusterEvent]) throws -> PolicyDelta {
    var change = ClusterChange()
    for event in events { change.merge(snapshot.apply(event)) }
    let delta = plan.update(ClusterUpdate(snapshot: snapshot, change: change, isFirst: isFirst))
    isFirst = false
    try kernel.commit(delta)
    return delta
  }

  var ruleset: FakeNFTables.Ruleset { kernel.ruleset }

  /// Whether the packet that opens a flow gets through this node's rules at the hook.
  func passes(
    _ source: IPAddress, _ destination: IPAddress, _ transport: TransportProtocol, _ port: UInt16,
    _ state: TracedPacket.State = .new, at hook: Chain.Hook = .forward
  ) -> Bool {
    var packet = TracedPacket(
      transport, from: SocketEndpoint(source, 40_000), to: SocketEndpoint(destination, port))
    packet.state = state
    packet.inputInterface = 3
    var tracer = PacketTracer(ruleset)
    return tracer.trace(packet, at: hook).outcome == .passed
  }
}

/// Commits as ``PolicyKernel`` does, to a fake.
struct PolicyKernelFake {
  private var kernel: PolicyChanges
  private var tables = FakeNFTables()

  init(_ rules: PolicyRules) { kernel = PolicyChanges(rules: rules) }

  mutating func commit(_ delta: PolicyDelta) throws {
    let step = kernel.step(delta)
    try tables.commit(step.transaction)
    kernel = step.next
  }

  var ruleset: FakeNFTables.Ruleset { tables.tables[kernel.rules.table]! }
}
