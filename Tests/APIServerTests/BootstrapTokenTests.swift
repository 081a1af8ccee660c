import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

@Suite struct BootstrapTokenTests {
  /// Makes a token's secret with `changes` to what a good one says, and returns the token.
  private static func token(_ id: String, _ changes: [String: String?] = [:]) async throws -> String {
    var data: [String: String] = [
      "token-id": id, "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true",
    ]
    for (key, value) in changes { data[key] = value }
    let members = data.map { JSONObject.Member(key: $0.key, value: .string($0.value)) }
    _ = try await TestServer.shared.post(
      "/api/v1/namespaces/kube-system/secrets",
      [
        "apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string("bootstrap-token-\(id)")],
        "type": "bootstrap.kubernetes.io/token", "stringData": .object(JSONObject(members: members)),
      ]
    ).object(201)
    return "\(id).0123456789abcdef"
  }

  /// Who a bearer of `token` is to the server; `nil` for nobody.
  private func user(_ token: String) async throws -> JSON? {
    var server = try await TestServer.shared
    server.user = nil
    let review: JSON = ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"]
    let answer = try await server.send(
      .post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", body: review.encoded(),
      headers: [.authorization: "Bearer \(token)", .contentType: "application/json"])
    guard answer.code != 401 else { return nil }
    return try answer.object(201).status["userInfo"]
  }

  @Test func aTokenIsGoodForWhatItSays() async throws {
    let token = try await Self.token(
      "good01", ["auth-extra-groups": "system:bootstrappers:edge", "expiration": "2999-01-01T00:00:00Z"])
    let user = try #require(await user(token))
    #expect(user["username"] == "system:bootstrap:good01")
    #expect(user["groups"] == ["system:bootstrappers", "system:bootstrappers:edge", "system:authenticated"])
    let other = String(token.dropLast()) + "0"
    #expect(try await self.user(other) == nil)
    _ = try await TestServer.shared.delete("/api/v1/namespaces/kube-system/secrets/bootstrap-token-good01")
    #expect(try await self.user(token) == nil)
  }

  @Test(
    arguments: [
      ("bad001", ["expiration": "2020-01-01T00:00:00Z"]), ("bad002", ["expiration": "tomorrow"]),
      ("bad003", ["usage-bootstrap-authentication": "yes"]), ("bad004", ["usage-bootstrap-authentication": nil]),
      ("bad005", ["token-id": "other1"]), ("bad006", ["auth-extra-groups": "system:masters"]),
      ("bad007", ["auth-extra-groups": "system:bootstrappers:"]),
    ] as [(String, [String: String?])])
  func whatIsNotGoodIsNobody(_ id: String, _ changes: [String: String?]) async throws {
    let token = try await Self.token(id, changes)
    #expect(try await user(token) == nil)
  }

  @Test func tokensHaveOneForm() {
    #expect(BootstrapTokens.parts("abc123.0123456789abcdef")?.id == "abc123")
    for wrong in ["abc123", "ABC123.0123456789abcdef", "abc123.0123456789abcde", "abc123.0123456789abcdef.x", "."] {
      #expect(BootstrapTokens.parts(wrong) == nil)
    }
  }
}
