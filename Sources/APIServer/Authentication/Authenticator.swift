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
      return nil
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
    let user = User(
      name: token.userName, uid: token.serviceAccount.uid,
      groups: [
        "system:serviceaccounts", "system:serviceaccounts:\(token.namespace)", "system:authenticated",
      ], extra: extra)
    return (user, audiences.filter(token.audiences.contains))
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
