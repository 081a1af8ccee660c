import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore
import Testing

@testable import APIServer

@Suite struct AccessTests {
  private func stranger() async throws -> TestServer {
    var server = try await TestServer.shared
    server.user = nil
    return server
  }

  @Test(arguments: [
    "/api", "/apis", "/api/v1", "/api/v1/namespaces", "/api/v1/namespaces/default", "/openapi/v3", "/", "/nothing",
    "/api/v1/pods?watch=true", "/metrics",
  ])
  func aStrangerIsKnownNowhere(path: String) async throws {
    let server = try await stranger()
    let status = try await server.get(path).refused(401, "Unauthorized", "Unauthorized")
    #expect(status["details"] == nil)
    #expect(try await server.post(path, [:]).code == 401)
    // The other way in, which answers single reads at once, leaves them to this one.
    #expect(server.server.handler.handleAtOnce(APIServerRequest(method: .get, target: path)) == nil)
  }

  @Test(arguments: [
    "/healthz", "/livez", "/readyz", "/healthz/ping", "/readyz/etcd", "/livez/poststarthook/rbac/bootstrap-roles",
  ])
  func healthIsEveryones(path: String) async throws {
    let answer = try await stranger().get(path)
    #expect(answer.code == 200 && answer.text == "ok")
    #expect(answer.headers[.contentType] == "text/plain; charset=utf-8")
  }

  @Test func healthTellsMoreOnRequest() async throws {
    let answer = try await stranger().get("/readyz?verbose")
    #expect(answer.text.hasPrefix("[+]ping ok\n") && answer.text.hasSuffix("readyz check passed\n"))
    #expect(try await stranger().get("/readyz/nothing").code == 404)
    func broken(_ path: String, _ query: String = "") -> APIServerResponse {
      HealthEndpoints.answer(path: path, query: QueryParameters(query), storeFault: "the disk is full")
    }
    let ill = broken("/readyz")
    #expect(ill.status.code == 500)
    if case .buffer(let buffer) = ill.body {
      let text = String(buffer: buffer)
      #expect(text.contains("[-]etcd failed: reason withheld\n") && text.hasSuffix("readyz check failed\n"))
      #expect(text.contains("[+]ping ok\n") && !text.contains("disk"))
    }
    #expect(broken("/livez/etcd").status.code == 500 && broken("/livez/ping").status.code == 200)
    #expect(broken("/livez", "exclude=etcd").status.code == 200)
    let some = try await stranger().get("/livez?verbose&exclude=etcd&exclude=moon").text
    #expect(some.contains("\n[+]etcd excluded: ok\n") && !some.contains("etcd ok"))
    #expect(some.contains("warn: some health checks cannot be excluded: no matches for \"moon\"\n"))
  }

  @Test(arguments: [
    ("3m", nil), ("0s", nil), ("-1.5h2ms", nil), ("0", nil), ("invalid", #"invalid duration "invalid""#),
    ("30", #"missing unit in duration "30""#), ("3d", #"unknown unit "d" in duration "3d""#),
  ])
  func aTimeoutIsADuration(text: String, fault: String?) async throws {
    for path in ["/version", "/api/v1/namespaces/default"] {
      let answer = try await TestServer.shared.get("\(path)?timeout=\(text)")
      if let fault {
        try answer.refused(
          400, "BadRequest", "invalid timeout specified in the request URL - time: \(fault)")
      } else {
        #expect(answer.code == 200)
      }
    }
    // A watch has a time of its own.
    _ = try await TestServer.shared.watch("/api/v1/namespaces?watch=1&timeout=\(text)")
  }

  @Test func theVersionIsEveryones() async throws {
    let version = try await stranger().get("/version").object()
    #expect(version["major"] == "1" && version["minor"] == "36")
    #expect(version["gitVersion"]?.string?.hasPrefix("v1.36.") == true)
  }

  @Test(arguments: ["Bearer nonsense", "bearer a.b.c", "Bearer "]) func aForeignTokenIsRefused(
    header: String
  ) async throws {
    let answer = try await stranger().send(.get, "/api/v1/namespaces", headers: [.authorization: header])
    try answer.refused(401, "Unauthorized", "Unauthorized")
  }

  @Test func aTokenOpensTheServerUntilItsAccountGoes() async throws {
    let space = try await TestServer.shared.namespace()
    let review = try await space.server.post(
      space.path(.serviceAccounts, "default", "token"),
      ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": ["expirationSeconds": 600]]
    ).object(201)
    let token = try #require(review.status["token"]?.string)
    let headers: HTTPFields = [.authorization: "Bearer \(token)"]
    #expect(try await stranger().send(.get, "/apis", headers: headers).code == 200)
    let me = try await stranger().send(
      .post, "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      body: Array(#"{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}"#.utf8), headers: headers
    ).object(201)
    #expect(me[path: "status", "userInfo", "username"]?.string == "system:serviceaccount:\(space.name):default")
    _ = try await space.server.delete(space.path(.serviceAccounts, "default")).object()
    #expect(try await stranger().send(.get, "/apis", headers: headers).code == 401)
  }

  @Test func aTokensLifeHasBounds() async throws {
    let space = try await TestServer.shared.namespace()
    try await space.server.post(
      space.path(.serviceAccounts, "default", "token"), ["spec": ["expirationSeconds": 30]]
    ).refused(
      422, "Invalid",
      "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 30: may not specify a "
        + "duration less than 10 minutes")
  }

  @Test func someoneWithoutTheRightGroupIsForbidden() async throws {
    var server = try await TestServer.shared
    server.user = User(name: "guest", groups: [])
    let status = try await server.get("/api/v1/namespaces").object(403)
    #expect(status["reason"] == "Forbidden" && status["message"]?.string?.contains("User \"guest\"") == true)
  }
}
