import Crypto
import JSONTree

/// The P-256 key that signs ServiceAccount tokens: JSON Web Tokens with algorithm ES256 (RFC 7515, RFC 7518).
package struct TokenSigningKey: Sendable {
  private let key: P256.Signing.PrivateKey
  /// Made once: it is computed from the private one.
  private let verifyingKey: P256.Signing.PublicKey
  /// Names the key in a token's header; the hash of the public key, as upstream has it.
  package let identifier: String

  package init() { self.init(key: P256.Signing.PrivateKey()) }
  package init(pem: String) throws { self.init(key: try P256.Signing.PrivateKey(pemRepresentation: pem)) }

  private init(key: P256.Signing.PrivateKey) {
    self.key = key
    verifyingKey = key.publicKey
    identifier = Base64.encode(Array(SHA256.hash(data: verifyingKey.derRepresentation)), alphabet: .url)
  }

  package var pem: String { key.pemRepresentation }

  /// The public half as a JSON Web Key (RFC 7517).
  var publicKey: JSON {
    let point = Array(verifyingKey.rawRepresentation)
    return [
      "use": "sig", "kty": "EC", "kid": .string(identifier), "crv": "P-256", "alg": "ES256",
      "x": .string(Base64.encode(point.prefix(32), alphabet: .url)),
      "y": .string(Base64.encode(point.suffix(32), alphabet: .url)),
    ]
  }

  /// A compact token with these claims.
  func sign(_ claims: JSON) throws -> String {
    let header: JSON = ["alg": "ES256", "kid": .string(identifier)]
    let signed =
      Base64.encode(header.encoded(), alphabet: .url) + "." + Base64.encode(claims.encoded(), alphabet: .url)
    let signature = try key.signature(for: Array(signed.utf8))
    return signed + "." + Base64.encode(Array(signature.rawRepresentation), alphabet: .url)
  }

  /// The claims of a token that this key has signed; `nil` for any other text.
  func verify(_ token: String) -> JSON? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3,
      let header = Base64.decode(parts[0], alphabet: .url).flatMap({ try? JSON.parse($0) }),
      header["alg"]?.string == "ES256",
      let raw = Base64.decode(parts[2], alphabet: .url),
      let signature = try? P256.Signing.ECDSASignature(rawRepresentation: raw),
      verifyingKey.isValidSignature(signature, for: Array("\(parts[0]).\(parts[1])".utf8))
    else { return nil }
    return Base64.decode(parts[1], alphabet: .url).flatMap { try? JSON.parse($0) }
  }
}
