import NIOCore
import NIOPosix
import NIOSSL
import NetworkTypes

/// Opens connections to agents on their kubelet port, showing the server's kubelet client certificate, and to what
/// `proxy` subresources lead to.
struct AgentDialer: Sendable {
  let tls: NIOSSLContext
  let group: any EventLoopGroup
  private static let timeout = TimeAmount.seconds(10)

  init(tls: NIOSSLContext, group: any EventLoopGroup) {
    self.tls = tls
    self.group = group
  }

  /// Agents' certificates must be signed by `authority` (PEM); which name they are for does not matter, as they are
  /// found by address.
  init(identity: CertifiedKey, authority: String, group: any EventLoopGroup) throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
      .map { .certificate($0) }
    configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.privateKey.utf8), format: .pem))
    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
    configuration.certificateVerification = .noHostnameVerification
    configuration.applicationProtocols = ["http/1.1"]
    tls = try NIOSSLContext(configuration: configuration)
    self.group = group
  }

  /// Connects and adds `handlers`, behind TLS where the target has it.
  func open(
    _ target: BackendTarget, adding handlers: @escaping @Sendable (any Channel) throws -> Void
  ) async throws -> any Channel {
    let context = try context(for: target.security)
    return try await ClientBootstrap(group: group)
      .connectTimeout(Self.timeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
          }
          try handlers(channel)
        }
      }
      .connect(host: target.address.description, port: Int(target.port)).get()
  }

  private func context(for security: BackendTarget.Security) throws -> NIOSSLContext? {
    switch security {
    case .none: return nil
    case .agent: return tls
    case .unverified:
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.certificateVerification = .none
      return try NIOSSLContext(configuration: configuration)
    }
  }

  /// ``open(_:adding:)`` that throws a 502-like Status that names the node's address.
  func connect(
    _ target: BackendTarget, adding handlers: @escaping @Sendable (any Channel) throws -> Void
  ) async throws(APIStatus) -> any Channel {
    do {
      return try await open(target, adding: handlers)
    } catch {
      throw .internalError("error dialing backend: dial tcp \(target.address):\(target.port): \(error)")
    }
  }
}
