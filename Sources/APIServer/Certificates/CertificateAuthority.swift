import Crypto
import Foundation
package import NetworkTypes
import SwiftASN1
import X509

/// A certificate with its private key, as PEM texts.
package struct CertifiedKey: Sendable, Hashable {
  package let certificate: String
  package let privateKey: String

  package init(certificate: String, privateKey: String) {
    self.certificate = certificate
    self.privateKey = privateKey
  }
}

/// The cluster's own authority. It signs what the server shows and what clients show.
package struct CertificateAuthority: Sendable {
  package enum Purpose: Sendable {
    case client
    /// With the names and addresses a caller may use.
    case server(names: [String], addresses: [IPAddress])
  }

  /// The authority's certificate as PEM.
  package let certificate: String
  /// The authority's private key as PEM; whoever has it owns the cluster.
  package let privateKey: String
  private let key: Certificate.PrivateKey
  private let subject: DistinguishedName
  private let expiry: Date

  private static let day: TimeInterval = 86_400
  private static let authorityLifetime = 3_650 * day
  /// Clocks of a cluster's machines differ a little.
  private static let clockSkew: TimeInterval = 300

  /// A new authority with a P-256 key, valid for ten years.
  package init(commonName: String) throws {
    let key = P256.Signing.PrivateKey()
    let now = Date()
    let subject = try DistinguishedName { CommonName(commonName) }
    let publicKey = Certificate.PublicKey(key.publicKey)
    let identifier = SubjectKeyIdentifier(hash: publicKey)
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: publicKey, notValidBefore: now - Self.clockSkew,
      notValidAfter: now + Self.authorityLifetime, issuer: subject, subject: subject,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
        identifier
      }, issuerPrivateKey: Certificate.PrivateKey(key))
    try self.init(certificate: certificate.serializeAsPEM().pemString, privateKey: key.pemRepresentation)
  }

  /// An authority kept as PEM texts.
  package init(certificate: String, privateKey: String) throws {
    let parsed = try Certificate(pemEncoded: certificate)
    self.certificate = certificate
    self.privateKey = privateKey
    key = try Certificate.PrivateKey(pemEncoded: privateKey)
    subject = parsed.subject
    expiry = parsed.notValidAfter
  }

  /// Signs a certificate for a new P-256 key, valid as long as the authority itself: keys made at each start of the
  /// server never leave its memory, and a cluster must not stop on an anniversary.
  package func issue(commonName: String, organization: String? = nil, for purpose: Purpose) throws -> CertifiedKey {
    let key = P256.Signing.PrivateKey()
    let certificate = try certify(
      Certificate.PublicKey(key.publicKey), commonName: commonName, organization: organization, for: purpose)
    return CertifiedKey(certificate: certificate, privateKey: key.pemRepresentation)
  }

  /// Signs a certificate, as PEM, for the key of a ``SigningRequest``.
  package func sign(
    request: String, commonName: String, organization: String? = nil, for purpose: Purpose
  ) throws -> String {
    try certify(
      try SigningRequest.publicKey(request), commonName: commonName, organization: organization, for: purpose)
  }

  private func certify(
    _ publicKey: Certificate.PublicKey, commonName: String, organization: String?, for purpose: Purpose
  ) throws -> String {
    let name = try DistinguishedName {
      if let organization { OrganizationName(organization) }
      CommonName(commonName)
    }
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: publicKey,
      notValidBefore: Date() - Self.clockSkew, notValidAfter: expiry, issuer: subject, subject: name,
      signatureAlgorithm: .ecdsaWithSHA256, extensions: try Self.extensions(for: purpose),
      issuerPrivateKey: self.key)
    return try certificate.serializeAsPEM().pemString
  }

  /// `sha256:` and the hash of the authority's public key: by it whoever joins knows the cluster.
  package func fingerprint() throws -> String { try Self.fingerprint(ofCertificate: certificate) }

  /// The ``fingerprint()`` of a PEM certificate.
  package static func fingerprint(ofCertificate text: String) throws -> String {
    let certificate = try Certificate(pemEncoded: text)
    let digest = SHA256.hash(data: certificate.publicKey.subjectPublicKeyInfoBytes)
    return "sha256:" + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func extensions(for purpose: Purpose) throws -> Certificate.Extensions {
    switch purpose {
    case .client:
      return try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.clientAuth])
      }
    case .server(let names, let addresses):
      let alternatives =
        names.map { GeneralName.dnsName($0) }
        + addresses.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0.bytes[...])) }
      return try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth])
        SubjectAlternativeNames(alternatives)
      }
    }
  }
}
