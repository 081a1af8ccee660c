import HTTPTypes
import KubernetesAPI
import NetworkTypes

extension HTTPField.Name {
  fileprivate static let impersonateUser = HTTPField.Name("Impersonate-User")!
  fileprivate static let impersonateGroup = HTTPField.Name("Impersonate-Group")!
  fileprivate static let impersonateUID = HTTPField.Name("Impersonate-Uid")!
}

extension RequestHandler {
  private static let extraPrefix = "impersonate-extra-"
  private static let accountPrefix = "system:serviceaccount:"

  /// Whom a request counts for: who makes it, or whom they may stand in for. Throws 401 for somebody who shows nothing, but
  /// where strangers are admitted.
  func user(
    of request: APIServerRequest, _ record: AuditRecord? = nil, admitsStrangers: Bool = false
  ) throws(APIStatus) -> User {
    let user = try configuration.authenticator.user(of: request)
    if user.isAnonymous, !admitsStrangers { throw .unauthorized() }
    record?.receive(user)
    guard Self.impersonates(request) else { return user }
    let impersonated = try impersonated(by: user, request)
    record?.impersonate(impersonated)
    return impersonated
  }

  static func impersonates(_ request: APIServerRequest) -> Bool {
    request.headers.contains { $0.name.canonicalName.hasPrefix("impersonate-") }
  }

  private func impersonated(by user: User, _ request: APIServerRequest) throws(APIStatus) -> User {
    let name = request.headers[.impersonateUser] ?? ""
    var groups = request.headers[values: .impersonateGroup]
    let uid = request.headers[.impersonateUID] ?? ""
    var extra: [String: [String]] = [:]
    for field in request.headers where field.name.canonicalName.hasPrefix(Self.extraPrefix) {
      let key = PercentEncoding.decode(field.name.canonicalName.dropFirst(Self.extraPrefix.count))
      extra[key, default: []].append(field.value)
    }
    guard !name.isEmpty else {
      throw .internalError("requested [groups, uid or extra] without impersonating a user name")
    }
    let account = Self.account(name)
    if let account {
      try mayImpersonate(user, "serviceaccounts", namespace: account.namespace, name: account.name)
    } else {
      try mayImpersonate(user, "users", name: name)
    }
    for group in groups { try mayImpersonate(user, "groups", name: group) }
    let authentication = GroupVersion.authentication.group
    if !uid.isEmpty { try mayImpersonate(user, "uids", group: authentication, name: uid) }
    for (key, values) in extra {
      for value in values {
        try mayImpersonate(user, "userextras", subresource: key, group: authentication, name: value)
      }
    }
    if let account, groups.isEmpty {
      groups = ["system:serviceaccounts", "system:serviceaccounts:\(account.namespace)"]
    }
    let isAnonymous = name == User.anonymous.name
    let everybody = isAnonymous ? "system:unauthenticated" : "system:authenticated"
    if !groups.contains(everybody) { groups.append(everybody) }
    return User(name: name, uid: uid, groups: groups, extra: extra)
  }

  private static func account(_ name: String) -> ObjectName? {
    guard name.hasPrefix(accountPrefix) else { return nil }
    let parts = name.dropFirst(accountPrefix.count).split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? ObjectName(namespace: String(parts[0]), name: String(parts[1])) : nil
  }

  private func mayImpersonate(
    _ user: User, _ resource: String, subresource: String = "", group: String = "", namespace: String = "",
    name: String
  ) throws(APIStatus) {
    let action = AccessAction(
      verb: "impersonate",
      resource: .init(group: group, resource: resource, subresource: subresource, namespace: namespace, name: name))
    let decision = configuration.authorizer.decide(action, by: user)
    if !decision.isAllowed { throw .forbidden(action, user: user, reason: decision.reason) }
  }
}
