import JSONTree
import KubernetesAPI

/// Tokens by which a machine that has nothing else joins: secrets of type `bootstrap.kubernetes.io/token` in
/// `kube-system`, each good for what it says and no longer.
///
/// Source: Kubernetes' "Authenticating with Bootstrap Tokens".
package struct BootstrapTokens: Sendable {
  static let secretType = "bootstrap.kubernetes.io/token"
  static let namespace = "kube-system"
  package static let group = "system:bootstrappers"

  let registry: Registry

  /// The parts of `ID.SECRET`, six and sixteen small letters and digits; `nil` for any other text.
  static func parts(_ token: String) -> (id: String, secret: String)? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 6, parts[1].utf8.count == 16,
      parts.allSatisfy({ $0.utf8.allSatisfy(isLowerOrDigit) })
    else { return nil }
    return (String(parts[0]), String(parts[1]))
  }

  private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Whom a token stands for; `nil` where it is no bootstrap token or not good (any more).
  func user(ofToken token: String, now: Timestamp) -> User? {
    guard let (id, secret) = Self.parts(token),
      let object = try? registry.object(.secrets, ObjectName(namespace: Self.namespace, name: "bootstrap-token-\(id)")),
      let tree = try? object.tree(), tree["type"]?.string == Self.secretType, tree.metadata["deletionTimestamp"] == nil
    else { return nil }
    func text(_ key: String) -> String? {
      tree["data"]?[key]?.string.flatMap { Base64.decode($0) }.map { String(decoding: $0, as: UTF8.self) }
    }
    guard text("token-id") == id, let known = text("token-secret"), Self.isEqual(known, secret),
      text("usage-bootstrap-authentication") == "true"
    else { return nil }
    if let expiration = text("expiration") {
      // What cannot be read as a time is past.
      guard let end = Timestamp(expiration), now < end else { return nil }
    }
    let groups = (text("auth-extra-groups") ?? "").split(separator: ",").map(String.init)
    guard groups.allSatisfy(Self.isGroup) else { return nil }
    return User(
      name: "system:bootstrap:\(id)", groups: ([Self.group] + groups + ["system:authenticated"]).uniqued())
  }

  /// Takes as long wherever the two differ.
  private static func isEqual(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// `system:bootstrappers:` and up to 256 small letters, digits, colons and dashes, not ending with one of the latter.
  private static func isGroup(_ name: String) -> Bool {
    guard name.hasPrefix("\(group):") else { return false }
    let rest = name.dropFirst(group.count + 1).utf8
    guard let last = rest.last, rest.count <= 256, isLowerOrDigit(last) else { return false }
    return rest.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "-") }
  }
}

extension [String] {
  fileprivate func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
