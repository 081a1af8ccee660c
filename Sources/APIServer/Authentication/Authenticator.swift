import HTTPTypes
import JSONTree
import KubernetesAPI

/// Finds out who makes a request.
package struct Authenticator: Sendable {
  package let tokens: ServiceAccountTokens
  package let registry: Registry

  package init(tokens: ServiceAccountTokens, registry: Registry) {
    self.tokens = tokens
    self.registry = registry
  }

  /// The user of a request; ``User/anonymous`` for one that shows nothing. Throws 401 for a bearer token that is not
  /// accepted.
  package func user(of request: APIServerRequest) throws(APIStatus) -> User {
    if let user = request.user { return user }
    guard let header = request.headers[.authorization] else { return .anonymous }
    guard header.lowercased().hasPrefix("bearer ") else { return .anonymous }
    guard let user = user(ofToken: String(header.dropFirst(7)), audiences: [tokens.defaultAudience])?.user else {
      throw .unauthorized()
    }
    return user
  }

  /// The user of a ServiceAccount token whose objects still exist or of a bootstrap token, and the audiences it was
  /// accepted for.
  package func user(ofToken text: String, audiences: [String]) -> (user: User, audiences: [String])? {
    if let user = BootstrapTokens(registry: registry).user(ofToken: text, now: .now) {
      // Such a token says nothing of audiences: it is for this server.
      let accepted = audiences.filter { $0 == tokens.defaultAudience }
      return accepted.isEmpty ? nil : (user, accepted)
    }
    guard let token = try? tokens.read(text, now: Timestamp.now.seconds, audiences: audiences), isBound(token) else {
      return legacyUser(ofToken: text, audiences: audiences)
    }
    var extra: [String: [String]] = ["authentication.kubernetes.io/credential-id": ["JTI=\(token.identifier)"]]
    if let pod = token.pod {
      extra["authentication.kubernetes.io/pod-name"] = [pod.name]
      extra["authentication.kubernetes.io/pod-uid"] = [pod.uid]
    }
    if let node = token.node {
      extra["authentication.kubernetes.io/node-name"] = [node.name]
      extra["authentication.kubernetes.io/node-uid"] = [node.uid]
    }
    let user = Self.user(token.userName, token.serviceAccount.uid, in: token.namespace, extra)
    return (user, audiences.filter(token.audiences.contains))
  }

  private static func user(
    _ name: String, _ uid: String, in namespace: String, _ extra: [String: [String]]
  ) -> User {
    User(
      name: name, uid: uid,
      groups: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated"], extra: extra)
  }

  /// The user of a token that a secret holds: good for this server, as long as the secret is there and holds it.
  private func legacyUser(ofToken text: String, audiences: [String]) -> (user: User, audiences: [String])? {
    guard audiences.contains(tokens.defaultAudience), let token = tokens.readLegacy(text),
      let secret = try? registry.object(.secrets, ObjectName(namespace: token.namespace, name: token.secret))?.tree(),
      !secret.isTerminating,
      secret[path: "data", "token"]?.string == Base64.encode(Array(text.utf8)),
      let account =
        (try? registry.object(
          .serviceAccounts, ObjectName(namespace: token.namespace, name: token.account.name))) ?? nil,
      account.uid == token.account.uid
    else { return nil }
    let name = "system:serviceaccount:\(token.namespace):\(token.account.name)"
    return (Self.user(name, account.uid, in: token.namespace, [:]), [tokens.defaultAudience])
  }

  /// Whether the account and the object the token is bound to are still the same ones.
  private func isBound(_ token: ServiceAccountToken) -> Bool {
    let holds = { (kind: ResourceKind, reference: ServiceAccountToken.Reference) -> Bool in
      let name = ObjectName(namespace: token.namespace, name: reference.name)
      return (try? registry.object(kind, name))??.uid == reference.uid
    }
    guard holds(.serviceAccounts, token.serviceAccount) else { return false }
    if let pod = token.pod, !holds(.pods, pod) { return false }
    if let secret = token.secret, !holds(.secrets, secret) { return false }
    return true
  }
}
