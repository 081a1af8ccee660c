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
  /// Families of the addresses that nodes, pods and Services have, the primary one first.
  package var families: [IPAddress.Family] = [.v4]
  /// Whether the nodes get a way out through the machine's own network.
  package var hasUplink: Bool
  /// Where the nodes' logs go; `nil`: into the cluster's folder.
  package var logFolder: String?
  /// Writes what a node joins the cluster with into the node's ``NodeFolder/credentials``.
  package var issueCredentials: CredentialIssuer

  package typealias CredentialIssuer =
    @Sendable (_ cluster: ClusterConfiguration, _ node: String, _ addresses: [IPAddress]) throws -> Void

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
  package var serverURL: String { "https://\(SocketEndpoint(addresses(ofNode: 1)[0], ClusterAddresses.apiPort))" }
  /// The API server's data, as seen from outside its node.
  package var serverData: String { folder.node(nodeNames[0]).outside(NodePaths.serverData) }

  /// One of each family of the cluster, the primary one first.
  package func addresses(ofNode index: Int) -> [IPAddress] { families.map { $0.addresses.node(index) } }

  func logs(of node: String) -> String { logFolder.map { "\($0)/\(node)" } ?? "\(folder.node(node).path)/logs" }
}
