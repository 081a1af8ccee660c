import JSONTree

/// A token by which a pod acts as its ServiceAccount, bound to the objects it dies with.
package struct ServiceAccountToken: Sendable, Hashable {
  /// An object the token lives no longer than: the name and UID at the time it was issued.
  package struct Reference: Sendable, Hashable {
    package let name: String
    package let uid: String

    package init(name: String, uid: String) {
      self.name = name
      self.uid = uid
    }
  }

  package var namespace: String
  package var serviceAccount: Reference
  package var pod: Reference?
  package var secret: Reference?
  package var node: Reference?
  package var audiences: [String]
  /// Seconds since 1970.
  package var issuedAt: Int64
  package var expiresAt: Int64
  package var identifier: String

  package init(
    namespace: String, serviceAccount: Reference, audiences: [String], issuedAt: Int64, expiresAt: Int64,
    identifier: String
  ) {
    self.namespace = namespace
    self.serviceAccount = serviceAccount
    self.audiences = audiences
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
    self.identifier = identifier
  }

  /// `system:serviceaccount:NAMESPACE:NAME`
  package var userName: String { "system:serviceaccount:\(namespace):\(serviceAccount.name)" }
}

/// Issues and reads ServiceAccount tokens. It checks what the token itself says; whether the objects it is bound to
/// still exist is for the caller, who has them.
package struct ServiceAccountTokens: Sendable {
  package let key: TokenSigningKey
  package let issuer: String
  /// What a token is for when nobody says: the API server itself.
  package let defaultAudience: String
  private let verified = VerifiedTokens()

  package init(key: TokenSigningKey, issuer: String) {
    self.key = key
    self.issuer = issuer
    defaultAudience = issuer
  }

  package func sign(_ token: ServiceAccountToken) throws -> String {
    var kubernetes: JSON = [
      "namespace": .string(token.namespace),
      "serviceaccount": Self.claim(token.serviceAccount),
    ]
    if let pod = token.pod { kubernetes["pod"] = Self.claim(pod) }
    if let secret = token.secret { kubernetes["secret"] = Self.claim(secret) }
    if let node = token.node { kubernetes["node"] = Self.claim(node) }
    return try key.sign([
      "aud": .array(token.audiences.map { .string($0) }), "exp": .int(token.expiresAt), "iat": .int(token.issuedAt),
      "iss": .string(issuer), "jti": .string(token.identifier), "kubernetes.io": kubernetes,
      "nbf": .int(token.issuedAt), "sub": .string(token.userName),
    ])
  }

  /// Why a token is not accepted.
  package enum Refusal: Error, Sendable, Hashable {
    /// Not one of ours: another authenticator may know it.
    case foreign
    case expired
    case notYetValid
    case wrongAudience
  }

  /// Reads a token that is valid at `now` (seconds since 1970) for at least one of `audiences`.
  package func read(_ text: String, now: Int64, audiences: [String]) throws(Refusal) -> ServiceAccountToken {
    guard let entry = verified[text] ?? verify(text) else { throw .foreign }
    guard now < entry.token.expiresAt else { throw .expired }
    guard now >= entry.notBefore else { throw .notYetValid }
    guard !Set(audiences).isDisjoint(with: entry.token.audiences) else { throw .wrongAudience }
    return entry.token
  }

  /// `nil` for what this key has not signed for this issuer.
  private func verify(_ text: String) -> VerifiedTokens.Entry? {
    guard let claims = key.verify(text), claims["iss"]?.string == issuer, let token = Self.token(claims) else {
      return nil
    }
    let entry = VerifiedTokens.Entry(token: token, notBefore: claims["nbf"]?.int ?? 0)
    verified.remember(entry, of: text)
    return entry
  }

  private static func claim(_ reference: ServiceAccountToken.Reference) -> JSON {
    ["name": .string(reference.name), "uid": .string(reference.uid)]
  }

  private static func reference(_ claim: JSON?) -> ServiceAccountToken.Reference? {
    guard let name = claim?["name"]?.string, let uid = claim?["uid"]?.string else { return nil }
    return ServiceAccountToken.Reference(name: name, uid: uid)
  }

  private static func token(_ claims: JSON) -> ServiceAccountToken? {
    let kubernetes = claims["kubernetes.io"]
    guard let namespace = kubernetes?["namespace"]?.string, let account = reference(kubernetes?["serviceaccount"]),
      let issuedAt = claims["iat"]?.int, let expiresAt = claims["exp"]?.int
    else { return nil }
    var token = ServiceAccountToken(
      namespace: namespace, serviceAccount: account,
      audiences: claims["aud"]?.string.map { [$0] } ?? (claims["aud"]?.items ?? []).compactMap(\.string),
      issuedAt: issuedAt, expiresAt: expiresAt, identifier: claims["jti"]?.string ?? "")
    guard claims["sub"]?.string == token.userName else { return nil }
    token.pod = reference(kubernetes?["pod"])
    token.secret = reference(kubernetes?["secret"])
    token.node = reference(kubernetes?["node"])
    return token
  }
}
