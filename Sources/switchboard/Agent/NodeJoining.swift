import APIClient
import APIServer
import ArgumentParser
import JSONTree
import LinuxKernel
import Logging
import NetworkTypes

/// Makes a machine that has a token a node with credentials of its own.
enum NodeJoining {
  private static let defaultFolder = "/var/lib/switchboard/node"

  /// The folder with the node's credentials: what is there, or what a token is exchanged for. `nil` where neither is
  /// named.
  static func credentials(_ options: AgentCommand, _ logger: Logger) async throws -> String? {
    guard let token = options.token else { return options.credentials }
    guard let server = options.server, let hash = options.authorityHash else {
      throw ValidationError(
        "--token needs --server and --authority-hash, as `switchboard create-token` prints them: without the hash "
          + "anybody on the way could be the cluster")
    }
    let folder = options.credentials ?? defaultFolder
    if KernelFile.exists("\(folder)/\(NodeCredentials.kubeconfig)") {
      logger.info("The node has joined before; its credentials are used.", metadata: ["folder": "\(folder)"])
      return folder
    }
    guard let address = ServerAddress(url: server) else {
      throw ValidationError("--server \(server) is no URL such as https://192.0.2.10:6443")
    }
    let name = try NodeIdentity.name(options)
    let addresses = try NodeIdentity.addresses(options)
    guard !addresses.isEmpty else {
      throw ValidationError("--node-ip is needed: the address under which other nodes reach this one")
    }
    let authority = try await untilReached(address, logger) { try await Self.authority(of: address, hash: hash) }
    let keys = try await untilReached(address, logger) {
      try await Self.join(address, authority, token: token, name: name, addresses: addresses)
    }
    try NodeCredentials.write(keys, to: folder, node: name, server: server, authority: authority)
    logger.notice("The node has joined.", metadata: ["server": "\(server)", "folder": "\(folder)"])
    return folder
  }

  /// Machines may start in any order: where the server does not answer it is asked again.
  private static func untilReached<Value>(
    _ server: ServerAddress, _ logger: Logger, _ work: () async throws -> Value
  ) async throws -> Value {
    while true {
      do {
        return try await work()
      } catch let error as APIError where error.code == .connection || error.code == .timedOut {
        logger.warning(
          "The server to join does not answer yet.", metadata: ["server": "\(server)", "error": "\(error)"])
        // Joining has no haste, and a server that starts must not be asked by every machine all the time.
        try await Task.sleep(for: .seconds(2))
      } catch let error as APIError where error.httpStatus == 401 {
        throw ValidationError(
          "\(server) does not accept the token (any longer): make another one with `switchboard create-token`")
      }
    }
  }

  /// The authority's certificate, fetched from whoever answers and believed for its hash alone.
  private static func authority(of server: ServerAddress, hash: String) async throws -> String {
    var configuration = ClientConfiguration(server: server)
    configuration.skipsVerification = true
    let client = APIClient(transport: try HTTPTransport(configuration: configuration))
    let text = String(decoding: try await client.raw(APIRequest(.get, NodeJoin.authorityPath)).body, as: UTF8.self)
    let found = try? CertificateAuthority.fingerprint(ofCertificate: text)
    guard let found, found == hash.lowercased() else {
      throw ValidationError(
        "the server at \(server) is not the cluster with the hash \(hash): its own is \(found ?? "none"). "
          + "Check --server, and take the hash from `switchboard create-token` on the cluster.")
    }
    return text
  }

  private static func join(
    _ server: ServerAddress, _ authority: String, token: String, name: String, addresses: [IPAddress]
  ) async throws -> NodeCredentials.Keys {
    let (node, serving, network) = (try SigningRequest(), try SigningRequest(), try SigningRequest())
    let join = NodeJoin(
      name: name, addresses: addresses,
      requests: NodeJoin.Identities(node: node.text, serving: serving.text, network: network.text))
    let client = APIClient(
      transport: try HTTPTransport(
        configuration: ClientConfiguration(
          server: server, certificateAuthority: Array(authority.utf8), token: .fixed(token))))
    let answer = try await client.raw(
      APIRequest(
        .post, NodeJoin.path, headers: [NamedValue("Content-Type", "application/json")], body: join.json.encoded()))
    guard let certificates = NodeJoin.Certificates(try JSON.parse(answer.body)["certificates"]) else {
      throw ValidationError("\(server) did not answer with certificates: is it a switchboard server?")
    }
    return NodeCredentials.Keys(
      node: CertifiedKey(certificate: certificates.node, privateKey: node.privateKey),
      serving: CertifiedKey(certificate: certificates.serving, privateKey: serving.privateKey),
      network: CertifiedKey(certificate: certificates.network, privateKey: network.privateKey))
  }
}
