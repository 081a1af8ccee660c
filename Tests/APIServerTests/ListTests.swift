import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@Suite struct ListTests {
  private static let tooOld = "The resourceVersion for the provided list is too old."

  private func space(with count: Int, on server: TestServer) async throws -> TestNamespace {
    let space = try await server.namespace()
    for index in 0..<count {
      let object = TestObjects.configMap("c\(index)", labels: ["n": .string("\(index % 2)")])
      _ = try await space.create(.configMaps, object).object(201)
    }
    return space
  }

  @Test func aListIsSortedAndCarriesTheNewestRevision() async throws {
    let server = try await TestServer()
    let space = try await space(with: 3, on: server)
    let list = try await server.get(space.path(.configMaps)).object()
    #expect(list["items"]?.items.map(\.name) == ["c0", "c1", "c2"])
    #expect(list.resourceVersion == String(try server.revision))
    #expect(list["items"]?.items.last?.resourceVersion == list.resourceVersion)
    let all = try await server.get("/api/v1/configmaps").object()
    #expect(all["items"] == list["items"])
  }

  @Test(arguments: [
    "?resourceVersion=0", "", "?resourceVersion=1", "?resourceVersion=1&resourceVersionMatch=NotOlderThan",
  ])
  func anOldRevisionMeansNotOlderThan(query: String) async throws {
    let server = try await TestServer()
    let space = try await space(with: 2, on: server)
    let list = try await server.get(space.path(.configMaps) + query).object()
    #expect(list["items"]?.items.count == 2)
    #expect(list.resourceVersion == String(try server.revision))
  }

  @Test func aRevisionOfTheFutureIsTooLarge() async throws {
    let server = try await TestServer()
    let space = try await space(with: 1, on: server)
    let current = try server.revision
    for target in [space.path(.configMaps), space.path(.configMaps, "c0")] {
      let answer = try await server.get("\(target)?resourceVersion=\(current + 10)")
      let status = try answer.refused(
        504, "Timeout", "Timeout: Too large resource version: \(current + 10), current: \(current)")
      #expect(
        status["details"] == [
          "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
          "retryAfterSeconds": 1,
        ])
      #expect(answer.headers[.retryAfter] == "1")
    }
  }

  @Test func anExactRevisionIsThatRevision() async throws {
    let server = try await TestServer()
    let space = try await space(with: 1, on: server)
    let path = space.path(.configMaps)
    let current = try server.revision
    let exact = "\(path)?resourceVersion=\(current)&resourceVersionMatch=Exact"
    #expect(try await server.get(exact).object().resourceVersion == String(current))
    _ = try await space.create(.configMaps, TestObjects.configMap("later")).object(201)
    let list = try await server.get(exact).object()
    #expect(list.resourceVersion == String(current) && list["items"]?.items.map(\.name) == ["c0"])
  }

  @Test(arguments: [
    ("resourceVersionMatch=Exact", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"),
    (
      "resourceVersion=0&resourceVersionMatch=Exact",
      "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""
    ),
    (
      "resourceVersion=1&resourceVersionMatch=Near",
      "Unsupported value: \"Near\": supported values: \"Exact\", \"NotOlderThan\", \"\""
    ),
  ])
  func aMatchMustMakeSense(query: String, message: String) async throws {
    let server = try await TestServer.shared
    try await server.get("/api/v1/pods?\(query)").refused(
      422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: \(message)")
  }

  @Test func aListSendsNoInitialEvents() async throws {
    try await TestServer.shared.get("/api/v1/pods?sendInitialEvents=true").refused(
      422, "Invalid",
      "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")
  }

  @Test func aRevisionIsANumber() async throws {
    try await TestServer.shared.get("/api/v1/pods?resourceVersion=new").refused(
      400, "BadRequest",
      "resourceVersion: Invalid value: \"new\": strconv.ParseUint: parsing \"new\": invalid syntax")
  }

  @Test func pagesTogetherAreTheList() async throws {
    let server = try await TestServer()
    let space = try await space(with: 5, on: server)
    let path = space.path(.configMaps)
    let first = try await server.get("\(path)?limit=2").object()
    #expect(first["items"]?.items.map(\.name) == ["c0", "c1"])
    #expect(first.metadata["remainingItemCount"] == 3)
    // What happens meanwhile does not show: the pages are of one revision.
    _ = try await space.create(.configMaps, TestObjects.configMap("c3a")).object(201)
    _ = try await server.delete(space.path(.configMaps, "c4")).object()
    let token = try #require(first.metadata["continue"]?.string)
    let second = try await server.get("\(path)?limit=2&continue=\(token)").object()
    #expect(second["items"]?.items.map(\.name) == ["c2", "c3"])
    #expect(second.resourceVersion == first.resourceVersion && second.metadata["remainingItemCount"] == 1)
    let last = try #require(second.metadata["continue"]?.string)
    let third = try await server.get("\(path)?limit=2&continue=\(last)").object()
    #expect(third["items"]?.items.map(\.name) == ["c4"])
    #expect(third.metadata["continue"] == nil && third.metadata["remainingItemCount"] == nil)
  }

  @Test func aPageThatEndsTheListHasNoToken() async throws {
    let server = try await TestServer.shared
    let space = try await space(with: 2, on: server)
    let list = try await server.get(space.path(.configMaps) + "?limit=2").object()
    #expect(list["items"]?.items.count == 2 && list.metadata["continue"] == nil)
  }

  @Test func aSelectedPageCountsNoRest() async throws {
    let server = try await TestServer.shared
    let space = try await space(with: 4, on: server)
    let list = try await server.get(space.path(.configMaps) + "?limit=1&labelSelector=n%3D1").object()
    #expect(list["items"]?.items.map(\.name) == ["c1"])
    #expect(list.metadata["continue"] != nil && list.metadata["remainingItemCount"] == nil)
  }

  @Test(arguments: [
    ("no!base64", "illegal base64 data"),
    (#"{"v":"v2","rv":1,"start":"a"}"#, #"server does not recognize this encoded version "v2""#),
    (#"{"v":"meta.k8s.io/v1","rv":0,"start":"a"}"#, "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"),
    (#"{"v":"meta.k8s.io/v1","rv":1}"#, "encoded start key empty (version meta.k8s.io/v1)"),
  ])
  func aTokenMustBeWhole(text: String, why: String) async throws {
    let token = text.hasPrefix("{") ? Base64.encode(Array(text.utf8), alphabet: .url) : text
    let server = try await TestServer.shared
    try await server.get("/api/v1/configmaps?continue=\(token)").refused(
      400, "BadRequest", "invalid continue token: continue key is not valid: \(why)")
    try await server.get("/api/v1/configmaps?continue=\(token)&resourceVersion=5").refused(
      400, "BadRequest", "specifying resource version is not allowed when using continue")
  }

  @Test func metadataAloneIsListed() async throws {
    let server = try await TestServer.shared
    let space = try await space(with: 1, on: server)
    let accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    let list = try await server.get(space.path(.configMaps), accept: accept).object()
    #expect(list.kind == "PartialObjectMetadataList" && list.apiVersion == "meta.k8s.io/v1")
    let item = try #require(list["items"]?.items.first)
    #expect(item.kind == "PartialObjectMetadata" && item.name == "c0" && item["data"] == nil)
  }

  @Test func aFormNobodyServesIsNotAcceptable() async throws {
    let answer = try await TestServer.shared.get("/api/v1/pods", accept: "application/yaml")
    #expect(try answer.object(406)["reason"] == "NotAcceptable")
    let either = try await TestServer.shared.get("/api/v1/pods", accept: "application/yaml,application/json")
    #expect(try either.object().kind == "PodList")
  }
}
