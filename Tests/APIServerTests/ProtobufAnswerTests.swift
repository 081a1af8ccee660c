import APIServer
import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore
import Testing

@Suite struct ProtobufAnswerTests {
  private static let protobuf = "application/vnd.kubernetes.protobuf"
  private static let goClient = "application/vnd.kubernetes.protobuf,application/json"
  private static let partial =
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"

  private func send(_ server: TestServer, _ target: String, accept: String) async -> APIServerResponse {
    await server.server.handler.handle(
      APIServerRequest(method: .get, target: target, headers: [.accept: accept], user: server.user))
  }

  private func decoded(_ response: APIServerResponse) throws -> JSON {
    #expect(response.headers[.contentType] == Self.protobuf)
    guard case .buffer(let buffer) = response.body else { throw ProtobufAnswerError.isStream }
    return try ProtobufDecoder().object(Array(buffer.readableBytesView)[...])
  }

  private enum ProtobufAnswerError: Error { case isStream, endsEarly }

  @Test func answersWithWhatItAnswersInJSON() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", data: ["k": "v"])).object(201)
    for path in [space.path(.configMaps, "a"), space.path(.serviceAccounts, "default")] {
      let plain = try await space.server.get(path).object()
      for _ in 0..<2 {
        let answer = try decoded(await send(space.server, path, accept: Self.goClient))
        #expect(answer == plain)
      }
    }
    let list = try decoded(await send(space.server, space.path(.configMaps), accept: Self.goClient))
    #expect(list.kind == "ConfigMapList")
    #expect(list["items"]?.items.map(\.name) == ["a"])
    #expect(list["metadata"]?["resourceVersion"]?.string?.isEmpty == false)
  }

  @Test func followsChangesOfAnObject() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", data: ["k": "1"])).object(201)
    let path = space.path(.configMaps, "a")
    _ = await send(space.server, path, accept: Self.protobuf)
    _ = try await space.server.patch(path, ["data": ["k": "2"]]).object()
    let answer = try decoded(await send(space.server, path, accept: Self.protobuf))
    #expect(answer["data"]?["k"] == "2")
  }

  @Test func refusesInProtobufToo() async throws {
    let space = try await TestServer.shared.namespace()
    let status = try decoded(await send(space.server, space.path(.configMaps, "none"), accept: Self.goClient))
    #expect(status.kind == "Status")
    #expect(status["message"] == #"configmaps "none" not found"#)
    #expect(status["code"] == 404)
    #expect(status["details"]?["name"] == "none")
    // A client of metadata alone takes errors as JSON, because it names no plain protobuf.
    let plain = await send(space.server, space.path(.configMaps, "none"), accept: Self.partial)
    #expect(plain.headers[.contentType] == "application/json")
  }

  @Test func answersMetadataAlone() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", data: ["k": "v"])).object(201)
    let one = try decoded(await send(space.server, space.path(.configMaps, "a"), accept: Self.partial))
    #expect(one.kind == "PartialObjectMetadata" && one.apiVersion == "meta.k8s.io/v1" && one.name == "a")
    #expect(one["data"] == nil)
    let list = try decoded(
      await send(
        space.server, space.path(.configMaps),
        accept: Self.protobuf + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"))
    #expect(list.kind == "PartialObjectMetadataList")
    #expect(list["items"]?.items.map(\.name) == ["a"])
  }

  @Test(arguments: [
    ("application/json;q=0.9,application/vnd.kubernetes.protobuf", true),
    ("application/vnd.kubernetes.protobuf;q=0.5,application/json", false),
    ("*/*,application/vnd.kubernetes.protobuf", true),
    ("application/yaml,application/vnd.kubernetes.protobuf;q=0.1", true),
    ("application/json,application/vnd.kubernetes.protobuf", false),
  ])
  func takesTheClientsFirstChoice(_ accept: String, _ isProtobuf: Bool) async throws {
    let response = await send(try await TestServer.shared, "/api/v1/namespaces/default", accept: accept)
    #expect(response.headers[.contentType] == (isProtobuf ? Self.protobuf : "application/json"))
  }

  @Test func refusesTablesInProtobuf() async throws {
    let answer = try await TestServer.shared.get(
      "/api/v1/namespaces", accept: Self.protobuf + ";as=Table;g=meta.k8s.io;v=v1")
    try answer.refused(
      406, "NotAcceptable",
      "object *v1.Table does not implement the protobuf marshalling interface and cannot be encoded to a protobuf "
        + "message")
  }

  @Test func watchesInFrames() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", data: ["k": "v"])).object(201)
    let response = await send(
      space.server,
      space.path(.configMaps)
        + "?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
      accept: Self.goClient)
    #expect(response.headers[.contentType] == "application/vnd.kubernetes.protobuf;stream=watch")
    guard case .stream(let stream) = response.body else { throw ProtobufAnswerError.endsEarly }
    defer { stream.cancel() }
    var frames = try await Self.frames(stream, 2)
    _ = try await space.server.patch(space.path(.configMaps, "a"), ["data": ["k": "2"]]).object()
    frames += try await Self.frames(stream, 1)
    #expect(frames.map(\.type) == ["ADDED", "BOOKMARK", "MODIFIED"])
    #expect(frames[0].object["data"] == ["k": "v"])
    #expect(
      frames[1].object["metadata"]?["annotations"] == ["k8s.io/initial-events-end": "true"])
    #expect(frames[2].object == (try await space.get(.configMaps, "a").object()))
  }

  @Test func watchesThatCannotBeginSaySoInProtobuf() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let first = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    try await space.pushOutHistory("a")
    let response = await send(
      server, space.path(.configMaps) + "?watch=1&resourceVersion=\(first.resourceVersion)", accept: Self.protobuf)
    guard case .stream(let stream) = response.body else { throw ProtobufAnswerError.endsEarly }
    defer { stream.cancel() }
    let frame = try #require(try await Self.frames(stream, 1).first)
    #expect(frame.type == "ERROR")
    #expect(frame.object.kind == "Status" && frame.object["reason"] == "Expired" && frame.object["code"] == 410)
  }

  /// Takes `WatchEvent`s apart: a length in four bytes, type 1, object 2 {raw 1}.
  private static func frames(
    _ stream: any ResponseStream, _ count: Int
  ) async throws -> [(type: String, object: JSON)] {
    var bytes: [UInt8] = []
    var frames: [(type: String, object: JSON)] = []
    while frames.count < count {
      let guardian = Task {
        try await Task.sleep(for: .seconds(30))
        stream.cancel()
      }
      defer { guardian.cancel() }
      guard let part = try await stream.next() else { throw ProtobufAnswerError.endsEarly }
      bytes += part.readableBytesView
      while bytes.count >= 4 {
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 4 + length else { break }
        let event = Array(bytes[4..<(4 + length)])
        bytes.removeFirst(4 + length)
        let type = String(decoding: event[2..<(2 + Int(event[1]))], as: UTF8.self)
        guard let start = event.indices.first(where: { event[$0...].starts(with: Array("k8s\0".utf8)) }) else {
          throw ProtobufAnswerError.endsEarly
        }
        frames.append((type, try ProtobufDecoder().object(event[start...])))
      }
    }
    return frames
  }
}
