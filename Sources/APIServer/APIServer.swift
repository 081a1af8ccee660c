import KubernetesAPI
package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import NetworkTypes
import ServiceLifecycle
import Store

/// The API server: opens the store, fills the watch caches, and answers requests over HTTPS and in the same process.
package struct APIServer: Service {
  package let configuration: Configuration
  /// The cluster's authority and keys, for whoever issues certificates.
  package let identity: ClusterIdentity
  /// For callers in the same process. Works as soon as the server is made; ``run()`` adds the network.
  package let handler: RequestHandler
  package let registry: Registry

  private let directory: DataDirectory
  private let dialer: AgentDialer
  private let listenerIdentity: CertifiedKey
  private let group = MultiThreadedEventLoopGroup.singleton
  private let logger: Logger
  private let auditor: Auditor?
  private let serviceRange: DefaultServiceRange

  /// Opens the data directory, or makes it, and brings the first objects into place.
  package init(_ configuration: Configuration, logger: Logger) async throws {
    self.configuration = configuration
    self.logger = logger
    directory = try DataDirectory(configuration.dataDirectory)
    identity = try ClusterIdentity(directory: configuration.identityDirectory)
    listenerIdentity = try identity.serverCertificate(
      addresses: [configuration.advertiseAddress, configuration.primaryServiceCIDR.base.advanced(by: 1)],
      names: configuration.serverNames, clusterDomain: configuration.clusterDomain)
    dialer = try AgentDialer(
      identity: identity.kubeletClient(), authority: identity.authority.certificate, group: group)
    let store = try SQLiteStore(path: "\(configuration.dataDirectory)/store.db", logger: logger)
    registry = Registry(store: store, logger: logger)
    try await registry.start(serving: ResourceKind.served)
    let strategies = Strategies(serviceFamilies: configuration.serviceCIDRs.map(\.family))
    try strategies.adopt(registry)
    let tokens = ServiceAccountTokens(
      key: identity.tokenKey, issuer: "https://kubernetes.default.svc.\(configuration.clusterDomain)")
    auditor = try configuration.audit.map { try Auditor($0, logger: logger) }
    var settings = RequestHandler.Configuration(
      registry: registry, strategies: strategies, authenticator: Authenticator(tokens: tokens, registry: registry),
      authorizer: Authorizer(registry: registry), nodeProxy: AgentProxy(dialer: dialer), identity: identity,
      serverAddress: "\(configuration.endpoint)", logger: logger, auditor: auditor,
      components: configuration.components)
    settings.podSecurity = configuration.podSecurity
    handler = RequestHandler(settings)
    serviceRange = DefaultServiceRange(registry: registry, blocks: configuration.serviceCIDRs, logger: logger)
    try await serviceRange.ensure()
    try await Bootstrap(handler: handler, configuration: configuration, logger: logger).run()
    if let path = configuration.kubeconfigOut { try writeKubeconfig(to: path) }
  }

  private func writeKubeconfig(to path: String) throws {
    try Kubeconfig.write(
      Kubeconfig.text(
        server: "https://\(configuration.endpoint)",
        authority: identity.authority.certificate, user: "kubernetes-admin", identity: identity.administrator()),
      to: path)
  }

  /// Listens until the group shuts down, or the task is cancelled.
  package func run() async throws {
    let listener = HTTPListener(
      handler: handler, tls: try tlsContext(), group: group, timeouts: configuration.timeouts
    ) { connection, failure in
      ["websocket", "SPDY/3.1"].map {
        AgentUpgrader($0, handler: handler, dialer: dialer, connection: connection, failure: failure)
      }
    }
    let address = configuration.bindAddress
    let channel: any Channel
    do {
      channel = try await listener.bind(host: address.description, port: Int(configuration.port))
    } catch {
      throw APIServerError(
        .listen, "cannot listen on \(address):\(configuration.port); stop what uses the port or choose another one",
        cause: error)
    }
    logger.info("API server is ready", metadata: ["address": "\(address):\(configuration.port)"])
    let addresses = try ServiceAddressObjects(registry: registry, logger: logger)
    let maintenance = Maintenance(handler: handler, interval: configuration.compactionInterval, logger: logger)
    let flow = try FlowObjects(
      bootstrap: Bootstrap(handler: handler, configuration: configuration, logger: logger), logger: logger)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await flow.run() }
      group.addTask { await maintenance.run() }
      group.addTask { await addresses.run() }
      group.addTask { await serviceRange.run() }
      group.addTask { await handler.rest.admission.quotas.run() }
      group.addTask { try? await gracefulShutdown() }
      await group.next()
      group.cancelAll()
    }
    try? await channel.close()
    await registry.close()
    await listener.closeAll()
    await auditor?.close()
  }

  private func tlsContext() throws -> NIOSSLContext {
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(listenerIdentity.certificate.utf8))
        .map { .certificate($0) },
      privateKey: .privateKey(
        try NIOSSLPrivateKey(bytes: Array(listenerIdentity.privateKey.utf8), format: .pem)))
    tls.applicationProtocols = ["h2", "http/1.1"]
    tls.trustRoots = .certificates(
      try NIOSSLCertificate.fromPEMBytes(Array(identity.authority.certificate.utf8)))
    // Clients may also show a token instead.
    tls.certificateVerification = .optionalVerification
    tls.minimumTLSVersion = .tlsv12
    return try NIOSSLContext(configuration: tls)
  }
}
