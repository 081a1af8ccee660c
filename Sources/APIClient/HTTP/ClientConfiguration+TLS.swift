package import NIOSSL

extension ClientConfiguration {
  /// `nil` for a plain HTTP address. Throws ``APIError`` where certificates or keys cannot be used.
  package func makeTLSContext() throws -> NIOSSLContext? {
    guard server.isSecure else { return nil }
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.applicationProtocols = ["http/1.1"]
    tls.minimumTLSVersion = .tlsv12
    do {
      if skipsVerification {
        tls.certificateVerification = .none
      } else if let certificateAuthority {
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(certificateAuthority))
      }
      if let clientCertificate, let clientKey {
        let chain = try NIOSSLCertificate.fromPEMBytes(clientCertificate)
        tls.certificateChain = chain.map { .certificate($0) }
        tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: clientKey, format: .pem))
      }
      return try NIOSSLContext(configuration: tls)
    } catch {
      throw APIError(
        .configuration, "the certificates for \(server) cannot be used: they must be PEM, and the key must fit",
        cause: error)
    }
  }
}
