import APIServer
import Compression
import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore
import Testing

@Suite struct CompressedAnswerTests {
  private func send(
    _ target: String, _ headers: HTTPFields, to server: TestServer
  ) async throws -> (response: APIServerResponse, bytes: [UInt8]) {
    let response = await server.server.handler.handle(
      APIServerRequest(method: .get, target: target, headers: headers, user: server.user))
    guard case .buffer(let buffer) = response.body else {
      if case .stream(let stream) = response.body { stream.cancel() }
      return (response, [])
    }
    return (response, Array(buffer.readableBytesView))
  }

  private func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
    var inflater = try Inflater(Inflater.Configuration(.gzip))
    return try inflater.decompress(bytes, limit: 64 << 20)
  }

  @Test func largeAnswersAreCompressedForWhomTakesIt() async throws {
    // Its own: a list tells the revision of whatever was written last.
    let server = try await TestServer()
    let space = try await server.namespace()
    let text = String(repeating: "0123456789", count: 15_000)
    _ = try await space.create(.configMaps, TestObjects.configMap("large", data: ["a": .string(text)])).object(201)
    _ = try await space.create(.configMaps, TestObjects.configMap("small")).object(201)
    for target in [space.path(.configMaps), space.path(.configMaps, "large")] {
      let plain = try await send(target, [:], to: server)
      #expect(plain.response.headers[.contentEncoding] == nil && plain.bytes.count > 150_000)
      for accepted in ["gzip", "deflate, gzip;q=0.5"] {
        let small = try await send(target, [.acceptEncoding: accepted], to: server)
        #expect(
          small.response.headers[.contentEncoding] == "gzip" && small.response.headers[.vary] == "Accept-Encoding")
        #expect(small.response.headers[.contentType] == "application/json" && small.bytes.count < 10_000)
        #expect(try inflated(small.bytes) == plain.bytes)
      }
      let other = try await send(target, [.acceptEncoding: "br, x-gzip"], to: server)
      #expect(other.response.headers[.contentEncoding] == nil)
    }
    let small = try await send(space.path(.configMaps, "small"), [.acceptEncoding: "gzip"], to: server)
    #expect(small.response.headers[.contentEncoding] == nil)
    let watch = try await send(space.path(.configMaps) + "?watch=true", [.acceptEncoding: "gzip"], to: server)
    #expect(watch.response.headers[.contentEncoding] == nil)
    // On the connection's own thread nothing large is compressed.
    func atOnce(_ headers: HTTPFields) -> APIServerResponse? {
      server.server.handler.handleAtOnce(
        APIServerRequest(
          method: .get, target: space.path(.configMaps, "large"), headers: headers, user: server.user))
    }
    #expect(atOnce([:]) != nil && atOnce([.acceptEncoding: "gzip"]) == nil)
  }

  @Test func openAPIv2ComesInBothForms() async throws {
    let server = try await TestServer.shared
    let proto = "application/com.github.proto-openapi.spec.v2"
    let plain = try await send("/openapi/v2", [:], to: server)
    #expect(plain.response.headers[.contentType] == "application/json")
    #expect(try JSON.parse(plain.bytes)["swagger"] == "2.0")
    let packed = try await send("/openapi/v2", [.acceptEncoding: "gzip", .accept: "application/json"], to: server)
    #expect(packed.response.headers[.contentEncoding] == "gzip" && packed.bytes.count < plain.bytes.count / 5)
    #expect(try inflated(packed.bytes) == plain.bytes)
    for accept in ["\(proto).v1.0+protobuf", "\(proto)@v1.0+protobuf", "\(proto)@v1.0+protobuf,application/json"] {
      let answer = try await send("/openapi/v2", [.accept: accept], to: server)
      #expect(answer.response.headers[.contentType] == "\(proto).v1.0+protobuf")
      // The first field is `swagger`.
      #expect(Array(answer.bytes.prefix(5)) == [0x0a, 3, 0x32, 0x2e, 0x30])
    }
    #expect(try await send("/openapi/v2", [.accept: "text/html"], to: server).response.status == .notAcceptable)

    let tag = try #require(plain.response.headers[.eTag])
    #expect(tag.utf8.count == 130 && tag.hasPrefix("\""))
    let known = try await send("/openapi/v2", [.ifNoneMatch: tag], to: server)
    #expect(known.response.status == .notModified && known.bytes.isEmpty && known.response.headers[.eTag] == tag)
    #expect(try await send("/openapi/v2", [.ifNoneMatch: "\"x\""], to: server).response.status == .ok)
    let third = try await send("/openapi/v3/apis/apps/v1", [:], to: server)
    let again = try await send(
      "/openapi/v3/apis/apps/v1", [.ifNoneMatch: try #require(third.response.headers[.eTag])], to: server)
    #expect(again.response.status == .notModified)
  }
}
