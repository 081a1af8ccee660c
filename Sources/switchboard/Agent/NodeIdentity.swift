import ArgumentParser
import LinuxKernel
import NIOSSL
import NetworkTypes

/// Who this node is and where the cluster's addresses lie, from the command line.
struct NodeIdentity {
  let name: String
  let addresses: [IPAddress]
  let kubeconfig: String
  /// How the network's state is read.
  let networkKubeconfig: String
  /// At most one of each family, the primary one first.
  let podBlocks: [CIDR]
  let serviceBlocks: [CIDR]
  private let credentials: String?

  /// The tenth address of each Service block, as everybody has it, in the blocks' order.
  var nameServerAddresses: [IPAddress] { serviceBlocks.map { $0.base.advanced(by: 10) } }

  /// - Parameter credentials: the folder with the node's, where it has one.
  init(_ options: AgentCommand, credentials: String?) throws {
    guard let kubeconfig = options.kubeconfig ?? credentials.map({ "\($0)/\(NodeCredentials.kubeconfig)" })
    else {
      throw ValidationError(
        "say how the node joins: --server, --token and --authority-hash, as `switchboard create-token` prints them, "
          + "or --credentials FOLDER, made by `switchboard issue-node`, or --kubeconfig FILE")
    }
    self.kubeconfig = kubeconfig
    networkKubeconfig = credentials.map { "\($0)/\(NodeCredentials.networkKubeconfig)" } ?? kubeconfig
    self.credentials = credentials
    name = try Self.name(options)
    addresses = try Self.addresses(options)
    podBlocks = try CommandParsing.blocks(options.podCidr, option: "--pod-cidr")
    serviceBlocks = try CommandParsing.blocks(options.serviceCidr, option: "--service-cidr")
  }

  static func name(_ options: AgentCommand) throws -> String { try options.nodeName ?? hostName() }

  static func addresses(_ options: AgentCommand) throws -> [IPAddress] {
    try CommandParsing.addresses(options.nodeIp, option: "--node-ip")
  }

  /// As upstream names nodes: the host's name in lower case.
  private static func hostName() throws -> String {
    String(decoding: try KernelFile.read("/proc/sys/kernel/hostname"), as: UTF8.self).filter { !$0.isWhitespace }
      .lowercased()
  }

  /// What the kubelet port shows and whom it lets in; `nil` without credentials, then there are no logs and no exec.
  func serverTLS() throws -> TLSConfiguration? {
    guard let credentials else { return nil }
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile("\(credentials)/\(NodeCredentials.certificate)")
        .map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(credentials)/\(NodeCredentials.key)", format: .pem)))
    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile("\(credentials)/\(NodeCredentials.authority)"))
    // Who shows no certificate of the cluster's does not get past the handshake.
    tls.certificateVerification = .noHostnameVerification
    return tls
  }
}
