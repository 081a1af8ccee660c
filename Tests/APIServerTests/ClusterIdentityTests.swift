import APIServer
import Foundation
import NetworkTypes
import Testing

@Suite struct ClusterIdentityTests {
  /// Runs `body` with a folder that is gone afterwards.
  private func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }

  @Test func anIdentityOutlivesItsProcess() throws {
    try withDirectory { directory in
      let first = try ClusterIdentity(directory: directory)
      let second = try ClusterIdentity(directory: directory)
      #expect(
        first.authority.certificate.trimmingCharacters(in: .newlines)
          == second.authority.certificate.trimmingCharacters(in: .newlines))
      #expect(first.tokenKey.identifier == second.tokenKey.identifier)
      for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
        let mode = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)")[.posixPermissions]
        #expect(mode as? Int == 0o600, "\(file)")
      }
    }
  }

  @Test func certificatesVerifyAgainstTheAuthority() throws {
    try withDirectory { directory in
      let identity = try ClusterIdentity(directory: directory)
      let server = try identity.serverCertificate(
        addresses: [IPAddress(v4: 172, 30, 0, 11)], names: ["node-1"], clusterDomain: "cluster.local")
      try identity.authority.certificate.write(toFile: "\(directory)/ca.crt", atomically: true, encoding: .utf8)
      try server.certificate.write(toFile: "\(directory)/server.crt", atomically: true, encoding: .utf8)
      let verify = Process()
      verify.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
      verify.arguments = [
        "verify", "-CAfile", "\(directory)/ca.crt", "-purpose", "sslserver", "-verify_ip", "172.30.0.11",
        "\(directory)/server.crt",
      ]
      verify.standardOutput = FileHandle.nullDevice
      try verify.run()
      verify.waitUntilExit()
      #expect(verify.terminationStatus == 0)
    }
  }

  @Test func aDamagedAuthorityIsNamed() throws {
    try withDirectory { directory in
      _ = try ClusterIdentity(directory: directory)
      try "nonsense".write(toFile: "\(directory)/ca.pem", atomically: true, encoding: .utf8)
      #expect(throws: CertificateError.self) { try ClusterIdentity(directory: directory) }
    }
  }
}
