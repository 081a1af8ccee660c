package import NetworkTypes

extension APIServer {
  /// How a server is run.
  package struct Configuration: Sendable {
    /// Holds the store, and the keys unless `identityDirectory` says otherwise. Made where it is missing.
    package var dataDirectory: String
    /// Where clients and pods reach the server.
    package var advertiseAddress: IPAddress
    /// Where it listens.
    package var bindAddress: IPAddress
    package var port: UInt16
    /// Where Services get their addresses from: a block of the primary family, and one of the other where there is one.
    package var serviceCIDRs: [CIDR]
    package var clusterDomain: String
    /// Further names in the server's certificate.
    package var serverNames: [String]
    /// Where the administrator's kubeconfig is written; nowhere if `nil`.
    package var kubeconfigOut: String?
    /// Seconds between compactions of the store's history.
    package var compactionInterval: Duration

    /// How long clients are waited for.
    package var timeouts = HTTPTimeouts()
    /// What is kept of requests, and where; nothing if `nil`.
    package var audit: AuditConfiguration?

    /// What Pod Security asks of namespaces without labels, and whom it leaves alone.
    package var podSecurity = PodSecurityConfiguration()
    /// Parts of the control plane that `componentstatuses` tells of, besides the store.
    package var components: [ControlPlaneComponent] = []

    package init(dataDirectory: String, advertiseAddress: IPAddress) {
      self.dataDirectory = dataDirectory
      self.advertiseAddress = advertiseAddress
      // `::` takes IPv4 as well.
      bindAddress = IPAddress(family: advertiseAddress.family, value: 0)
      port = 6443
      serviceCIDRs = [CIDR(IPAddress(v4: 10, 96, 0, 0), prefixLength: 12) ?? CIDR(host: advertiseAddress)]
      clusterDomain = "cluster.local"
      serverNames = []
      compactionInterval = .seconds(300)
    }

    /// The family of Services that do not ask for another one.
    var primaryServiceCIDR: CIDR { serviceCIDRs.first ?? CIDR(host: advertiseAddress) }

    /// Where clients reach the server: `ADDRESS:PORT`.
    var endpoint: SocketEndpoint { SocketEndpoint(advertiseAddress, port) }

    /// The folder of the authority and the token key.
    package var identityDirectory: String { Self.identityDirectory(in: dataDirectory) }

    package static func identityDirectory(in dataDirectory: String) -> String { "\(dataDirectory)/pki" }
  }
}
