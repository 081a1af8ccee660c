import JSONTree

/// Who makes a request.
package struct User: Sendable, Hashable {
  package var name: String
  package var uid: String
  package var groups: [String]
  package var extra: [String: [String]]

  package init(name: String, uid: String = "", groups: [String], extra: [String: [String]] = [:]) {
    self.name = name
    self.uid = uid
    self.groups = groups
    self.extra = extra
  }

  /// The server's own controllers and anything else in its process.
  package static let loopback = User(
    name: "system:apiserver", groups: ["system:masters", "system:authenticated"])

  /// Someone who showed nothing.
  package static let anonymous = User(name: "system:anonymous", groups: ["system:unauthenticated"])

  package var isAnonymous: Bool { name == Self.anonymous.name }

  /// As a `UserInfo` of authentication.k8s.io.
  var json: JSON {
    var json: JSON = ["username": .string(name)]
    if !uid.isEmpty { json["uid"] = .string(uid) }
    json["groups"] = .array(groups.map { .string($0) })
    if !extra.isEmpty {
      json["extra"] = .object(
        JSONObject(
          members: extra.sorted { $0.key < $1.key }.map {
            .init(key: $0.key, value: .array($0.value.map { .string($0) }))
          }))
    }
    return json
  }
}
