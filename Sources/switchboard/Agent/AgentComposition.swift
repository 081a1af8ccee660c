import APIClient
import AddressAnnouncer
import ArgumentParser
import ClusterModel
import ContainerRuntime
import FlowLog
import Lab
import LinuxKernel
import Logging
import NFTables
import NamePlan
import NameServer
import Netlink
import NetworkTypes
import NodeAgent
import PodNetwork
import PolicyEnforcer
import ServiceLifecycle
import ServiceProxy

/// Puts a node together: pods, pod network, Services and names in one process.
enum AgentComposition {
  static func run(_ options: AgentCommand) async throws {
    // Before anything else: the descriptors and their announcement are this process's alone.
    let sockets = InheritedSockets.adopt()
    let logger = try CommandLogging.logger("switchboard.agent", level: options.logLevel)
    let node = try NodeIdentity(options, credentials: try await NodeJoining.credentials(options, logger))
    let client = try Self.client(node.kubeconfig)
    let runtime = try await self.runtime(options, logger)
    let networkClient = try Self.client(node.networkKubeconfig)
    let model = ModelFollower(client: networkClient, logger: logger)
    let services = proxyConfiguration(node)
    let inForce = WithdrawalsInForce(parts: ServiceProxy.parts(of: services) + [NameServer.part])
    try holdNameServerAddresses(node)
    let announcer = try AddressAnnouncer(.init(nodeName: node.name), feed: model.feed, logger: logger)
    let proxy = ServiceProxy(services, feed: model.feed, logger: logger, withdrawals: inForce) { sync in
      if sync.isFirst { announcer.markServicesInForce() }
    }
    let logGroup = logGroup(logger)
    let policySettings = policyConfiguration(node, options, logGroup)
    let (policies, gate) = policies(policySettings, feed: model.feed, networkClient, logger)
    let auditEvents = EventRecorder(client: client, component: "policy-auditor", host: node.name, logger: logger)
    let auditor = try PolicyAuditor(policySettings, feed: model.feed, events: auditEvents, logger: logger)
    let flows = flowLog(node, feed: model.feed, policies, logGroup, logger)
    var agent = try nodeAgent(node, sockets, options)
    agent.serviceInForce = { [proxy] name in try proxy.inForce(name).map(\.tree) }
    let names = nameServer(node, feed: model.feed, inForce, sockets, logger)
    let explainer = Explainer(
      nodeName: node.name, serviceBlocks: node.serviceBlocks, feed: model.feed, names: { names.names },
      auditor: auditor)
    agent.explain = { try await explainer.answer($0, $1, $2) }
    agent.flows = { query in
      do {
        return try flows.answer(query)
      } catch let error as FlowQuestionError {
        throw NodeAgentError(.badRequest, error.description)
      }
    }
    agent.metrics = { [metrics = proxy.metrics] in metrics.text }
    let members: [any Service] = [
      model,
      try podNetwork(node, feed: model.feed, gate, sockets, cutsFlows: policySettings.cutsFlows, logger),
      proxy,
      policies,
      auditor,
      auditEvents,
      flows,
      announcer,
      StartCode(logger: logger),
      names,
      NodeAgent(
        configuration: agent, client: client, feed: model.feed, runtime: runtime,
        withdrawal: PodWithdrawal(
          nodeName: node.name, bound: .seconds(options.withdrawalTimeout), feed: model.feed, inForce: inForce,
          client: networkClient, logger: logger),
        logger: logger),
    ]
    try await CommandLogging.runGroup(members, logger: logger)
  }

  private static func client(_ kubeconfig: String) throws -> APIClient {
    APIClient(transport: try HTTPTransport(configuration: try Kubeconfig(path: kubeconfig).configuration()))
  }

  /// The runtime that was named, or one of our own.
  private static func runtime(_ options: AgentCommand, _ logger: Logger) async throws -> CRIClient {
    let pipes = "\(AgentPaths.run)/exec"
    try KernelFile.makeFolder(pipes, mode: 0o700)
    if let endpoint = options.containerRuntimeEndpoint {
      return CRIClient(endpoint: endpoint, pipeDirectory: pipes)
    }
    try offerPlugins()
    let containerd = Containerd(
      configuration: ContainerdConfiguration(
        networkPluginDirectory: AgentPaths.networkPlugins,
        networkConfigurationDirectory: AgentPaths.networkConfiguration),
      logger: logger)
    try await containerd.start()
    return containerd.client(pipeDirectory: pipes)
  }

  /// containerd wants a plugin named `loopback` beside the one it is configured with; ours is both.
  private static func offerPlugins() throws {
    let plugin = try Programs.plugin
    guard KernelFile.exists(plugin) else {
      throw LabError(.missing, "\(plugin) is missing: it has to lie beside this program")
    }
    try KernelFile.makeFolder(AgentPaths.networkPlugins)
    for name in ["switchboard-cni", "loopback"] {
      try KernelFile.link("\(AgentPaths.networkPlugins)/\(name)", to: plugin)
    }
  }

  private static func podNetwork(
    _ node: NodeIdentity, feed: ClusterFeed, _ gate: PolicyGate, _ sockets: InheritedSockets, cutsFlows: Bool,
    _ logger: Logger
  ) throws -> PodNetwork {
    let admission: PodAdmission = { try await gate.admit($0, uid: $1) }
    var configuration = PodNetworkConfiguration(
      nodeName: node.name, clusterCIDRs: node.podBlocks, serviceCIDRs: node.serviceBlocks)
    configuration.cutsFlows = cutsFlows
    configuration.socketPath = AgentPaths.pluginSocket
    configuration.conflistPath = "\(AgentPaths.networkConfiguration)/10-switchboard.conflist"
    guard let socket = sockets.take("cni") else {
      return try PodNetwork(configuration, feed: feed, admission: admission, logger: logger)
    }
    return try PodNetwork(
      configuration, feed: feed, listener: try UnixListener(adopting: socket), admission: admission, logger: logger)
  }

  /// What enforces policies, and what holds pods back until theirs are in force.
  private static func policies(
    _ configuration: PolicyEnforcer.Configuration, feed: ClusterFeed, _ client: APIClient, _ logger: Logger
  ) -> (PolicyEnforcer, PolicyGate) {
    let inForce = SnapshotsInForce(parts: PolicyEnforcer.parts(of: configuration))
    return (
      PolicyEnforcer(configuration, feed: feed, inForce: inForce, logger: logger),
      PolicyGate(client: client, nodeName: configuration.nodeName, inForce: inForce)
    )
  }

  private static func policyConfiguration(
    _ node: NodeIdentity, _ options: AgentCommand, _ logGroup: UInt16?
  ) -> PolicyEnforcer.Configuration {
    var configuration = PolicyEnforcer.Configuration(
      nodeName: node.name, nameServerAddresses: node.nameServerAddresses)
    configuration.cutsFlows = !options.keepForbiddenFlows
    configuration.logGroup = logGroup
    return configuration
  }

  /// Where policies tell of what they drop: any number that others are unlikely to use. `nil` where the kernel cannot.
  private static func logGroup(_ logger: Logger) -> UInt16? {
    let feature = NFTFeatures.probeLog()
    if case .missing(let reason) = feature.state {
      logger.warning("the kernel cannot tell of packets that policies drop: \(reason); \(feature.remedy)")
      return nil
    }
    return 21_314
  }

  private static func flowLog(
    _ node: NodeIdentity, feed: ClusterFeed, _ policies: PolicyEnforcer, _ logGroup: UInt16?, _ logger: Logger
  ) -> FlowLog {
    let configuration = FlowLog.Configuration(
      nodeName: node.name, nameServerAddresses: node.nameServerAddresses, logGroup: logGroup)
    return FlowLog(
      configuration, feed: feed,
      deniedPackets: {
        let packets = try policies.deniedPackets()
        return (packets.denied, packets.told)
      }, logger: logger)
  }

  private static func proxyConfiguration(_ node: NodeIdentity) -> ServiceProxy.Configuration {
    var configuration = ServiceProxy.Configuration(
      nodeName: node.name, serviceBlocks: node.serviceBlocks, exemptAddresses: Set(node.nameServerAddresses))
    configuration.healthPort = 10256
    return configuration
  }

  private static func nameServer(
    _ node: NodeIdentity, feed: ClusterFeed, _ inForce: WithdrawalsInForce, _ sockets: InheritedSockets,
    _ logger: Logger
  ) -> NameServer {
    var configuration = NameServer.Configuration()
    configuration.names.serverAddresses = node.nameServerAddresses
    configuration.names.localBlocks = node.podBlocks + node.serviceBlocks
    configuration.addresses = node.nameServerAddresses.map { SocketEndpoint($0, 53) }
    return NameServer(
      configuration: configuration, feed: feed, inherited: sockets, withdrawals: inForce, logger: logger)
  }

  private static func nodeAgent(
    _ node: NodeIdentity, _ sockets: InheritedSockets, _ options: AgentCommand
  ) throws -> NodeAgentConfiguration {
    var configuration = NodeAgentConfiguration(nodeName: node.name, nodeAddresses: node.addresses)
    configuration.clusterDNS = node.nameServerAddresses.map(\.description)
    configuration.listeningSocket = sockets.take("kubelet")?.release()
    configuration.serverTLS = try node.serverTLS()
    let parts = (options.cgroupRoot ?? "").split(separator: "/")
    configuration.cgroupRoot = parts.map { "/\($0)" }.joined()
    return configuration
  }

  /// Queries to the cluster DNS addresses end at the node's own loopback interface. A supervisor that lends the sockets
  /// has put the addresses there already.
  private static func holdNameServerAddresses(_ node: NodeIdentity) throws {
    let routes = try RouteSocket(in: nil)
    guard let loopback = try routes.links().first(where: \.isLoopback) else { return }
    var batch = RouteBatch()
    for address in node.nameServerAddresses {
      batch.add(InterfaceAddress(address, link: loopback.index), replacing: true)
    }
    try routes.apply(batch)
  }
}
