import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import APIServer

@Suite struct NodeJoinTests {
  private static let joiner = User(name: "system:bootstrap:abc123", groups: ["system:bootstrappers"])

  private static func join(_ name: String) throws -> NodeJoin {
    NodeJoin(
      name: name, addresses: [IPAddress(v4: 192, 0, 2, 77)],
      requests: NodeJoin.Identities(
        node: try SigningRequest().text, serving: try SigningRequest().text, network: try SigningRequest().text))
  }

  private func server(as user: User?) async throws -> TestServer {
    var server = try await TestServer.shared
    server.user = user
    return server
  }

  @Test func whoJoinsGetsItsKeysCertified() async throws {
    let answer = try await server(as: Self.joiner).post(NodeJoin.path, Self.join("joins-1").json).object(201)
    let certificates = try #require(NodeJoin.Certificates(answer["certificates"]))
    let node = try CertificateIdentity.user(pemEncoded: certificates.node)
    #expect(node?.name == "system:node:joins-1" && node?.groups.contains("system:nodes") == true)
    #expect(try CertificateIdentity.user(pemEncoded: certificates.network)?.name == "system:switchboard-network")
  }

  @Test func aReadyNodeIsNotReplaced() async throws {
    let administrator = try await TestServer.shared
    _ = try await administrator.post(
      "/api/v1/nodes", ["apiVersion": "v1", "kind": "Node", "metadata": ["name": "joins-2"]]
    ).object(201)
    func report(_ status: JSON) async throws {
      _ = try await administrator.patch(
        "/api/v1/nodes/joins-2/status", ["status": ["conditions": [["type": "Ready", "status": status]]]]
      ).object()
    }
    try await report("True")
    let server = try await server(as: Self.joiner)
    #expect(try await server.post(NodeJoin.path, Self.join("joins-2").json).code == 409)
    try await report("False")
    #expect(try await server.post(NodeJoin.path, Self.join("joins-2").json).code == 201)
  }

  @Test func nobodyElseMayJoin() async throws {
    let body = try Self.join("joins-3").json
    #expect(try await server(as: nil).post(NodeJoin.path, body).code == 401)
    let user = User(name: "somebody", groups: ["system:authenticated"])
    #expect(try await server(as: user).post(NodeJoin.path, body).code == 403)
    let node = User(name: "system:node:other", groups: ["system:nodes", "system:authenticated"])
    #expect(try await server(as: node).post(NodeJoin.path, body).code == 403)
    // A bootstrapper may do nothing else.
    #expect(try await server(as: Self.joiner).get("/api/v1/nodes").code == 403)
  }

  @Test(arguments: [
    "nodeName", "addresses", "requests",
  ]) func whatIsMissingIsNamed(_ field: String) async throws {
    var body = try Self.join("joins-4").json
    body[field] = nil
    let answer = try await server(as: Self.joiner).post(NodeJoin.path, body)
    #expect(answer.code == 400 && answer.text.contains(field))
    body = try Self.join("joins-4").json
    body[field] = field == "requests" ? ["node": "x", "serving": "x", "network": "x"] : ["A_B"]
    #expect(try await server(as: Self.joiner).post(NodeJoin.path, body).code == 400)
  }

  @Test func theAuthorityIsEveryonesToReadAndItsHashTellsIt() async throws {
    let text = try await server(as: nil).get(NodeJoin.authorityPath).text
    let authority = try await TestServer.shared.server.identity.authority
    #expect(text == authority.certificate)
    let hash = try CertificateAuthority.fingerprint(ofCertificate: text)
    #expect(try hash == authority.fingerprint() && hash.hasPrefix("sha256:") && hash.count == 71)
    let other = try CertificateAuthority(commonName: "other")
    #expect(try other.fingerprint() != hash)
  }
}
