package import NetworkTypes

/// A cluster that is to run on this machine.
package struct ClusterConfiguration: Sendable {
  /// Names the cluster's control groups and, on the machine itself, tells it from others.
  package var name: String
  package var nodeCount: Int
  package var folder: ClusterFolder
  /// Absolute paths of `switchboard` and `switchboard-cni`.
  package var program: String
  package var plugin: String
  /// containerd's configuration file, the same text for every node.
  package var containerdConfiguration: String
  /// Image archives to put into every node.
  package var images: [String] = []
  /// Whether the nodes get a way out through the machine's own network.
  package var hasUplink: Bool
  /// Where the nodes' logs go; `nil`: into the cluster's folder.
  package var logFolder: String?
  /// Writes what a node joins the cluster with into the node's ``NodeFolder/credentials``.
  package var issueCredentials: CredentialIssuer

  package typealias CredentialIssuer =
    @Sendable (_ cluster: ClusterConfiguration, _ node: String, _ address: IPAddress) throws -> Void

  package init(
    name: String, nodeCount: Int, folder: ClusterFolder, program: String, plugin: String,
    containerdConfiguration: String, hasUplink: Bool,
    issueCredentials: @escaping CredentialIssuer
  ) {
    self.name = name
    self.nodeCount = nodeCount
    self.folder = folder
    self.program = program
    self.plugin = plugin
    self.containerdConfiguration = containerdConfiguration
    self.hasUplink = hasUplink
    self.issueCredentials = issueCredentials
  }

  package var nodeNames: [String] { (1...max(1, nodeCount)).map { "node-\($0)" } }
  package var controlGroup: String { "switchboard-\(name)" }

  /// Where the API server answers: on the first node.
  package var serverURL: String { "https://\(address(ofNode: 1)):\(ClusterAddresses.apiPort)" }
  /// The API server's data, as seen from outside its node.
  package var serverData: String { folder.node(nodeNames[0]).outside(NodePaths.serverData) }

  package func address(ofNode index: Int) -> IPAddress {
    ClusterAddresses.machine.advanced(by: UInt128(9 + index))  // node-1 is .11
  }

  func logs(of node: String) -> String { logFolder.map { "\($0)/\(node)" } ?? "\(folder.node(node).path)/logs" }
}

/// Addresses that every cluster on one machine uses. Each lab has a network of its own, so they never meet.
package enum ClusterAddresses {
  package static let bridge = "switchboard0"
  /// The bridge's own; node N has the one N+10 in the last place.
  package static let machine = IPAddress(v4: 172, 30, 0, 1)
  package static let prefixLength = 24
  package static let network = "172.30.0.0/24"
  package static let dns = IPAddress(v4: 10, 96, 0, 10)
  package static let apiPort: UInt16 = 6443
  package static let kubeletPort: UInt16 = 10250
  /// More would run into the broadcast address.
  package static let maximumNodes = 200
}
