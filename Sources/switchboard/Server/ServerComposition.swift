import APIClient
import APIServer
import ArgumentParser
import Controllers
import Lab
import LinuxKernel
import Logging
import NetworkTypes
import Scheduler
import ServiceLifecycle

/// Puts the control plane together: API server, controllers and scheduler in one process.
enum ServerComposition {
  static func run(_ options: ServerCommand) async throws {
    ProcessHeap.keepLittle()
    let logger = try CommandLogging.logger("switchboard.server", level: options.logLevel)
    let board = ComponentBoard()
    let (managerName, schedulerName) = ("controller-manager", "scheduler")
    var settings = try configuration(options)
    settings.components = [board.component(managerName), board.component(schedulerName)]
    let server = try await APIServer(settings, logger: logger)
    let transport = InProcessTransport(
      handler: server.handler,
      user: User(name: "system:kube-controller-manager", groups: ["system:masters", "system:authenticated"]))
    let client = APIClient(transport: transport)
    let informers = InformerFactory(client: client, logger: logger)
    var controllers = ControllerManager.Configuration(
      certificateAuthority: server.identity.authority.certificate,
      podNetworks: try podNetworks(options))
    controllers.loadBalancerPool = try pool(options)
    var services: [any Service] = [server, StartCode(logger: logger)]
    services += ControllerManager.services(
      client: client, informers: informers, configuration: controllers, logger: logger
    ).map { board.watching($0, as: managerName) }
    services.append(
      board.watching(SchedulerService(client: client, informers: informers, logger: logger), as: schedulerName))
    // Last: it runs the informers that the others have asked for.
    services.append(informers)
    try await CommandLogging.runGroup(services, logger: logger)
  }

  private static func configuration(_ options: ServerCommand) throws -> APIServer.Configuration {
    let address = try CommandParsing.address(options.advertiseAddress, option: "--advertise-address")
    guard !address.isLoopback, !address.isUnspecified else {
      throw ValidationError(
        "--advertise-address \(address): nodes and pods cannot reach it; name an address of this machine's network")
    }
    var configuration = APIServer.Configuration(dataDirectory: options.dataDir, advertiseAddress: address)
    if let bind = options.bindAddress {
      configuration.bindAddress = try CommandParsing.address(bind, option: "--bind-address")
    }
    configuration.port = options.port
    configuration.serviceCIDRs = try serviceBlocks(options, reachedAt: address)
    configuration.kubeconfigOut = options.kubeconfigOut
    configuration.audit = try audit(options)
    if let path = options.admissionControlConfigFile {
      configuration.podSecurity = try PodSecurityConfiguration(path: path)
    }
    return configuration
  }

  private static func pool(_ options: ServerCommand) throws -> [AddressRange] {
    let (ranges, wrong) = AddressPools.parse(options.loadBalancerPool.joined(separator: ","))
    guard wrong.isEmpty else {
      throw ValidationError(
        "--load-balancer-pool wants blocks such as 192.0.2.32/27 or ranges such as 192.0.2.32-192.0.2.63, not "
          + wrong.map { "\"\($0)\"" }.joined(separator: ", "))
    }
    return ranges
  }

  private static func serviceBlocks(_ options: ServerCommand, reachedAt address: IPAddress) throws -> [CIDR] {
    let blocks = try CommandParsing.blocks(options.serviceCidr, option: "--service-cidr")
    for block in blocks where block.family == .v6 && block.prefixLength < 64 {
      throw ValidationError("--service-cidr \(block): a block of IPv6 is of the length 64 at least")
    }
    for block in blocks where block.count < 16 {
      throw ValidationError("--service-cidr \(block): too small, 16 addresses are the least")
    }
    guard let first = blocks.first, first.family == address.family else {
      throw ValidationError(
        "--service-cidr \(options.serviceCidr) begins with another family than --advertise-address \(address) is of: "
          + "the Service kubernetes leads from the one to the other; put the block of its family first")
    }
    return blocks
  }

  private static func podNetworks(_ options: ServerCommand) throws -> [NodeCIDRController.Network] {
    try CommandParsing.blocks(options.podCidr, option: "--pod-cidr").map { block in
      let network = NodeCIDRController.Network(block)
      guard block.prefixLength <= network.nodePrefixLength else {
        throw ValidationError(
          "--pod-cidr \(block): too small, every node gets a /\(network.nodePrefixLength) of it")
      }
      return network
    }
  }

  private static func audit(_ options: ServerCommand) throws -> AuditConfiguration? {
    switch (options.auditPolicyFile, options.auditLogPath) {
    case (nil, nil): return nil
    case (let policy?, let log?):
      var audit = AuditConfiguration(policyFile: policy, logPath: log)
      audit.maximumAge = options.auditLogMaxage
      audit.maximumBackups = options.auditLogMaxbackup
      audit.maximumSize = options.auditLogMaxsize
      return audit
    default: throw ValidationError("--audit-policy-file and --audit-log-path are of use only together")
    }
  }
}
