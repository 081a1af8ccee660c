import Foundation
package import NetworkTypes

/// What makes a cluster that cluster: its authority and the key that signs ServiceAccount tokens.
///
/// Both are kept in a folder with mode 0700; every other certificate is made from them when it is needed.
package struct ClusterIdentity: Sendable {
  package let authority: CertificateAuthority
  package let tokenKey: TokenSigningKey

  private static let authorityName = "switchboard-ca"

  /// Reads the identity in `directory`, or makes a new one there. Safe to call from several processes at a time: the
  /// first to finish a file wins, and the others read what it wrote.
  package init(directory: String) throws {
    try PrivateFiles.createDirectory(directory)
    let bundle = try PrivateFiles.readOrCreate("\(directory)/ca.pem") {
      let authority = try CertificateAuthority(commonName: Self.authorityName)
      return authority.certificate + "\n" + authority.privateKey + "\n"
    }
    guard let split = bundle.range(of: "-----BEGIN PRIVATE KEY-----")
    else { throw CertificateError(.malformed, "\(directory)/ca.pem holds no private key: restore it from a backup") }
    authority = try CertificateAuthority(
      certificate: String(bundle[..<split.lowerBound]), privateKey: String(bundle[split.lowerBound...]))
    tokenKey = try TokenSigningKey(
      pem: try PrivateFiles.readOrCreate("\(directory)/service-account.key") { TokenSigningKey().pem + "\n" })
  }

  /// The certificate the API server shows. `addresses` are those clients may use beside loopback and the Service's.
  package func serverCertificate(addresses: [IPAddress], names: [String], clusterDomain: String) throws -> CertifiedKey
  {
    try authority.issue(
      commonName: "kube-apiserver",
      for: .server(
        names: [
          "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
          "kubernetes.default.svc.\(clusterDomain)",
        ] + names,
        addresses: [IPAddress(v4: 127, 0, 0, 1), IPAddress(family: .v6, value: 1)] + addresses))
  }

  /// What the API server shows when it calls an agent.
  package func kubeletClient() throws -> CertifiedKey {
    try authority.issue(commonName: "kube-apiserver-kubelet-client", organization: "system:masters", for: .client)
  }

  package func administrator() throws -> CertifiedKey {
    try authority.issue(commonName: "kubernetes-admin", organization: "system:masters", for: .client)
  }

  /// Certifies the keys of a node that joins: to the same three identities as ``node(_:)``, ``nodeServing(_:addresses:)``
  /// and ``network()`` give.
  func certify(_ join: NodeJoin) throws -> NodeJoin.Certificates {
    NodeJoin.Certificates(
      node: try authority.sign(
        request: join.requests.node, commonName: "system:node:\(join.name)", organization: "system:nodes",
        for: .client),
      serving: try authority.sign(
        request: join.requests.serving, commonName: "system:node:\(join.name)", organization: "system:nodes",
        for: .server(
          names: [join.name, "localhost"], addresses: join.addresses + [IPAddress(v4: 127, 0, 0, 1)])),
      network: try authority.sign(
        request: join.requests.network, commonName: "system:switchboard-network", for: .client))
  }

  /// A node's identity as a client of the API.
  package func node(_ name: String) throws -> CertifiedKey {
    try authority.issue(commonName: "system:node:\(name)", organization: "system:nodes", for: .client)
  }

  /// By which every node's agent reads what its network is made from.
  package func network() throws -> CertifiedKey {
    try authority.issue(commonName: "system:switchboard-network", for: .client)
  }

  /// What a node's agent shows to those who call it on the kubelet port.
  package func nodeServing(_ name: String, addresses: [IPAddress]) throws -> CertifiedKey {
    try authority.issue(
      commonName: "system:node:\(name)", organization: "system:nodes",
      for: .server(names: [name, "localhost"], addresses: addresses + [IPAddress(v4: 127, 0, 0, 1)]))
  }
}
