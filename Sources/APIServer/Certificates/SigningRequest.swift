import Crypto
import SwiftASN1
import X509

/// A key pair that never leaves its maker, and the request by which an authority certifies its public half (PKCS #10,
/// RFC 2986). What the certificate will say is the authority's choice.
package struct SigningRequest: Sendable {
  /// PEM.
  package let text: String
  /// PEM.
  package let privateKey: String

  package init() throws {
    let key = P256.Signing.PrivateKey()
    let request = try CertificateSigningRequest(
      version: .v1, subject: try DistinguishedName {}, privateKey: Certificate.PrivateKey(key),
      attributes: CertificateSigningRequest.Attributes(), signatureAlgorithm: .ecdsaWithSHA256)
    text = try request.serializeAsPEM().pemString
    privateKey = key.pemRepresentation
  }

  /// The public key of a request whose maker has the private one.
  static func publicKey(_ text: String) throws -> Certificate.PublicKey {
    guard let request = try? CertificateSigningRequest(pemEncoded: text) else {
      throw CertificateError(.malformed, "it is no PEM of a certificate request")
    }
    guard request.publicKey.isValidSignature(request.signature, for: request) else {
      throw CertificateError(.malformed, "its signature is not that of its key")
    }
    return request.publicKey
  }
}
