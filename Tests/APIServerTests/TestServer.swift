import APIServer
import Foundation
import HTTPTypes
import JSONTree
import KubernetesAPI
import Logging
import NIOCore
import NetworkTypes
import Testing

/// An API server in this process, without its network and without controllers. Its files are unlinked as soon as it has
/// opened them, so nothing is left however a test ends.
struct TestServer: Sendable {
  let server: APIServer
  /// Who asks; `nil` for somebody who shows nothing.
  var user: User? = administrator

  static let administrator = User(name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"])

  private static let starting = Task { try await TestServer() }

  /// For tests that keep to a namespace of their own.
  static var shared: TestServer {
    get async throws { try await starting.value }
  }

  /// For tests that look at the whole server: its revisions, all its objects.
  init(_ adjust: (inout APIServer.Configuration) -> Void = { _ in }) async throws {
    let directory = Self.temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var configuration = Self.configuration(directory)
    adjust(&configuration)
    server = try await APIServer(configuration, logger: Self.logger)
  }

  init(server: APIServer) { self.server = server }

  static func temporaryDirectory() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("api-\(UUID().uuidString)").path
  }

  static func configuration(_ directory: String) -> APIServer.Configuration {
    var configuration = APIServer.Configuration(
      dataDirectory: directory, advertiseAddress: IPAddress(v4: 192, 0, 2, 1))
    configuration.bindAddress = IPAddress(v4: 127, 0, 0, 1)
    return configuration
  }

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// A namespace of the test's own, with the ServiceAccount that a controller would make in it.
  func namespace() async throws -> TestNamespace {
    let name = "t-\(UUID().uuidString.lowercased().prefix(13))"
    _ = try await post(
      "/api/v1/namespaces", ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
    ).object(201)
    let space = TestNamespace(server: self, name: name)
    _ = try await space.create(.serviceAccounts, TestObjects.serviceAccount("default")).object(201)
    return space
  }

  func send(
    _ method: HTTPRequest.Method, _ target: String, body: [UInt8] = [], headers: HTTPFields = [:]
  ) async throws -> Answer {
    try await Answer(
      server.handler.handle(
        APIServerRequest(method: method, target: target, headers: headers, body: ByteBuffer(bytes: body), user: user)))
  }

  func get(_ target: String, accept: String? = nil) async throws -> Answer {
    try await send(.get, target, headers: accept.map { [.accept: $0] } ?? [:])
  }

  func post(_ target: String, _ object: JSON) async throws -> Answer {
    try await send(.post, target, body: object.encoded(), headers: [.contentType: "application/json"])
  }

  func put(_ target: String, _ object: JSON) async throws -> Answer {
    try await send(.put, target, body: object.encoded(), headers: [.contentType: "application/json"])
  }

  func patch(_ target: String, _ patch: JSON, as format: PatchFormat = .merge) async throws -> Answer {
    try await send(
      .patch, target, body: patch.encoded(), headers: [.contentType: "application/\(format.rawValue)-patch+json"])
  }

  enum PatchFormat: String, Sendable, CaseIterable {
    case json
    case merge
    case strategic = "strategic-merge"
  }

  func delete(_ target: String, _ options: JSON? = nil) async throws -> Answer {
    try await send(
      .delete, target, body: options?.encoded() ?? [], headers: [.contentType: "application/json"])
  }

  /// Starts a watch. Throws where it is refused.
  func watch(_ target: String, accept: String? = nil) async throws -> TestWatch {
    let response = await server.handler.handle(
      APIServerRequest(
        method: .get, target: target, headers: accept.map { [.accept: $0] } ?? [:], user: user))
    guard case .stream(let stream) = response.body else { throw try await Answer(response) }
    return TestWatch(stream)
  }

  /// The newest revision of all.
  var revision: Int64 {
    get throws { try server.registry.cache(of: .namespaces).view.revision }
  }
}

/// One namespace of a ``TestServer``.
struct TestNamespace: Sendable {
  let server: TestServer
  let name: String

  func path(_ kind: ResourceKind, _ object: String? = nil, _ subresource: String? = nil) -> String {
    object.map { kind.objectPath(namespace: name, name: $0, subresource: subresource) }
      ?? kind.collectionPath(namespace: name)
  }

  func create(_ kind: ResourceKind, _ object: JSON, query: String = "") async throws -> Answer {
    try await server.post(path(kind) + query, object)
  }

  func get(_ kind: ResourceKind, _ object: String) async throws -> Answer {
    try await server.get(path(kind, object))
  }

  /// Changes a ConfigMap until the server has forgotten the history of its kind.
  func pushOutHistory(_ configMap: String) async throws {
    // More bytes than the server keeps of a kind's history, in more changes than it keeps at least.
    let filler = JSON.string(String(repeating: "x", count: 96 << 10))
    for index in 0..<70 {
      let patch: JSON = ["data": ["x": filler, "n": .string("\(index)")]]
      _ = try await server.patch(path(.configMaps, configMap), patch).object()
    }
  }

  /// The names in a list, in its order.
  func names(_ kind: ResourceKind, query: String = "") async throws -> [String] {
    try await server.get(path(kind) + query).object()["items"]?.items.map(\.name) ?? []
  }
}
