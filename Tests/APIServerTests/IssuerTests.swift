import Crypto
import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// What tells of ServiceAccount tokens, and the tokens that lie in secrets.
@Suite struct IssuerTests {
  @Test func othersCanCheckTokens() async throws {
    let server = try await TestServer.shared
    let space = try await server.namespace()
    let configuration = try await server.get("/.well-known/openid-configuration")
    #expect(configuration.headers[.cacheControl] == "public, max-age=3600")
    let issuer = try configuration.object()
    #expect(issuer["issuer"] == "https://kubernetes.default.svc.cluster.local")
    #expect(issuer["jwks_uri"] == "https://192.0.2.1:6443/openid/v1/jwks")
    #expect(issuer["id_token_signing_alg_values_supported"] == ["ES256"])
    let answer = try await server.get("/openid/v1/jwks")
    #expect(answer.headers[.contentType] == "application/jwk-set+json")
    let key = try #require(try answer.object()["keys"]?.items.first)
    #expect(key["kty"] == "EC" && key["crv"] == "P-256" && key["alg"] == "ES256" && key["use"] == "sig")

    // A token of this server is one by that key.
    let made = try await server.post(
      space.path(.serviceAccounts, "default", "token"),
      ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": [:]]
    ).object(201)
    let token = try #require(made.status["token"]?.string)
    let parts = token.split(separator: ".")
    let header = try JSON.parse(try #require(Base64.decode(parts[0], alphabet: .url)))
    #expect(header["kid"] == key["kid"])
    let point = ["x", "y"].flatMap { Base64.decode(key[$0]?.string ?? "", alphabet: .url) ?? [] }
    let published = try P256.Signing.PublicKey(rawRepresentation: point)
    let signature = try P256.Signing.ECDSASignature(
      rawRepresentation: try #require(Base64.decode(parts[2], alphabet: .url)))
    #expect(published.isValidSignature(signature, for: Array("\(parts[0]).\(parts[1])".utf8)))

    // Accounts may read it, others may not.
    var account = server
    account.user = nil
    let read = try await account.send(
      .get, "/openid/v1/jwks", headers: [.authorization: "Bearer \(token)"])
    #expect(read.code == 200)
    account.user = User(name: "jane", groups: ["system:authenticated"])
    #expect(try await account.get("/openid/v1/jwks").code == 403)
  }

  private func secret(_ name: String, account: String) -> JSON {
    [
      "metadata": [
        "name": .string(name), "annotations": ["kubernetes.io/service-account.name": .string(account)],
      ], "type": "kubernetes.io/service-account-token",
    ]
  }

  @Test func secretsHoldTokensForTheirLife() async throws {
    let server = try await TestServer.shared
    let space = try await server.namespace()
    let account = try await space.get(.serviceAccounts, "default").object()
    let made = try await space.create(.secrets, secret("s", account: "default")).object(201)
    #expect(made.annotations["kubernetes.io/service-account.uid"] == account.uid)
    func text(_ key: String) -> String {
      String(decoding: Base64.decode(made[path: "data", key]?.string ?? "") ?? [], as: UTF8.self)
    }
    #expect(text("namespace") == space.name && text("ca.crt").hasPrefix("-----BEGIN CERTIFICATE-----"))
    let token = text("token")
    func review() async throws -> JSON {
      try await server.post(
        "/apis/authentication.k8s.io/v1/tokenreviews",
        ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": ["token": .string(token)]]
      ).object(201).status
    }
    let status = try await review()
    #expect(status["authenticated"] == true)
    #expect(status[path: "user", "username"]?.string == "system:serviceaccount:\(space.name):default")
    #expect(status[path: "user", "uid"]?.string == account.uid)
    var client = server
    client.user = nil
    #expect(try await client.send(.get, "/api", headers: [.authorization: "Bearer \(token)"]).code == 200)

    // A secret that holds another token, or is gone, makes it worthless.
    _ = try await server.patch(space.path(.secrets, "s"), ["data": ["token": "eA=="]]).object()
    #expect(try await review()["authenticated"] == nil)
    let encoded = made[path: "data", "token"] ?? ""
    _ = try await server.patch(space.path(.secrets, "s"), ["data": ["token": encoded]]).object()
    #expect(try await review()["authenticated"] == true)
    _ = try await server.delete(space.path(.secrets, "s")).object()
    #expect(try await review()["authenticated"] == nil)

    let stray = try await space.create(.secrets, secret("t", account: "nobody")).object(201)
    #expect(stray["data"] == nil)
    let other = try await space.create(
      .secrets, ["metadata": ["name": "u"], "type": "kubernetes.io/service-account-token"])
    #expect(other.code == 422)
  }
}
