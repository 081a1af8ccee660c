import JSONTree
import KubernetesAPI

/// Secrets of the type `kubernetes.io/service-account-token`: they get a token that lives as long as they do.
///
/// Upstream's controller fills them in a moment later; here they are whole when they are made.
struct LegacyTokens: Sendable {
  let tokens: ServiceAccountTokens
  /// The cluster's certificate, in PEM.
  let authority: String

  static let type: JSON = "kubernetes.io/service-account-token"
  private static let accountName = "kubernetes.io/service-account.name"
  private static let accountUID = "kubernetes.io/service-account.uid"

  /// A secret whose account is not there, or is another one than it says, is left as it is.
  func complete(_ secret: inout JSON, registry: Registry) throws(APIStatus) {
    guard secret["type"] == Self.type, let name = secret.annotations[Self.accountName],
      let account = try registry.object(.serviceAccounts, ObjectName(namespace: secret.namespace, name: name))
    else { return }
    let uid = secret.annotations[Self.accountUID] ?? ""
    guard uid.isEmpty || uid == account.uid else { return }
    secret[path: "metadata", "annotations", Self.accountUID] = .string(account.uid)
    var data = secret["data"] ?? [:]
    if data["token"] == nil {
      do {
        let token = try tokens.signLegacy(
          namespace: secret.namespace, secret: secret.name, account: .init(name: name, uid: account.uid))
        data["token"] = .string(Base64.encode(Array(token.utf8)))
      } catch {
        throw .internalError("the token of the secret \(secret.name) cannot be signed: \(error)")
      }
    }
    data["ca.crt"] = .string(Base64.encode(Array(authority.utf8)))
    data["namespace"] = .string(Base64.encode(Array(secret.namespace.utf8)))
    secret["data"] = data
  }
}

extension ServiceAccountTokens {
  private static let legacyIssuer = "kubernetes/serviceaccount"
  private static let prefix = "kubernetes.io/serviceaccount/"

  /// A token without an end, for a secret.
  func signLegacy(
    namespace: String, secret: String, account: ServiceAccountToken.Reference
  ) throws -> String {
    try key.sign([
      "iss": .string(Self.legacyIssuer), "\(Self.prefix)namespace": .string(namespace),
      "\(Self.prefix)secret.name": .string(secret), "\(Self.prefix)service-account.name": .string(account.name),
      "\(Self.prefix)service-account.uid": .string(account.uid),
      "sub": .string("system:serviceaccount:\(namespace):\(account.name)"),
    ])
  }

  /// Whose such a token is, and which secret has to hold it; `nil` for any other text.
  func readLegacy(
    _ text: String
  ) -> (namespace: String, secret: String, account: ServiceAccountToken.Reference)? {
    guard let claims = key.verify(text), claims["iss"]?.string == Self.legacyIssuer,
      let namespace = claims["\(Self.prefix)namespace"]?.string,
      let secret = claims["\(Self.prefix)secret.name"]?.string,
      let name = claims["\(Self.prefix)service-account.name"]?.string,
      let uid = claims["\(Self.prefix)service-account.uid"]?.string,
      claims["sub"]?.string == "system:serviceaccount:\(namespace):\(name)"
    else { return nil }
    return (namespace, secret, ServiceAccountToken.Reference(name: name, uid: uid))
  }
}
