import HTTPTypes
import JSONTree
import KubernetesAPI
import Logging
import NIOCore

/// Makes the cluster's first objects through the API, as any client would.
struct Bootstrap: Sendable {
  let handler: RequestHandler
  let configuration: APIServer.Configuration
  let logger: Logger

  private var registry: Registry { handler.configuration.registry }

  func run() async throws {
    let objects = BootstrapObjects(
      advertiseAddress: configuration.advertiseAddress, port: configuration.port,
      serviceCIDRs: configuration.serviceCIDRs)
    for item in objects.items { try await ensure(item) }
    // Together, so that they share the store's writes to the disk.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (kind, object) in BootstrapRoles.objects { group.addTask { try await ensureRole(kind, object) } }
      group.addTask { try await ensureFlowControl() }
      try await group.waitForAll()
    }
  }

  /// Makes the flow schemas and priority levels that are missing, and puts back what was changed in those that say that
  /// the server looks after them.
  func ensureFlowControl() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for object in BuiltInFlowControl.levels { group.addTask { try await ensure(object, .priorityLevels) } }
      for object in BuiltInFlowControl.schemas { group.addTask { try await ensure(object, .flowSchemas) } }
      try await group.waitForAll()
    }
  }

  private func ensure(_ object: JSON, _ kind: ResourceKind) async throws {
    guard var existing = try registry.object(kind, object.objectName)?.tree() else {
      return try check(await send(.post, kind.collectionPath(), object), object)
    }
    var spec = object.spec
    // Of this one level a part is everybody's to set.
    if let exempt = existing.spec["exempt"] { spec["exempt"] = exempt }
    let key = "apf.kubernetes.io/autoupdate-spec"
    guard existing.annotations[key] == object.annotations[key], existing.spec != spec else { return }
    existing["spec"] = spec
    try check(await send(.put, kind.objectPath(name: object.name), existing), object)
  }

  /// Adds what is missing from a role or a binding, and takes nothing away.
  private func ensureRole(_ kind: ResourceKind, _ object: JSON) async throws {
    guard let existing = try registry.object(kind, object.objectName)?.tree() else {
      return try check(await send(.post, kind.collectionPath(namespace: object.namespace), object), object)
    }
    guard let mended = BootstrapRoles.mended(existing, to: object) else { return }
    try check(await send(.put, kind.objectPath(namespace: object.namespace, name: object.name), mended), object)
  }

  private func ensure(_ item: BootstrapObjects.Item) async throws {
    let object = item.object
    let path = item.kind.objectPath(namespace: object.namespace, name: object.name)
    let existing = await send(.get, path)
    switch existing.status.code {
    case 404:
      let created = await send(.post, item.kind.collectionPath(namespace: object.namespace), object)
      try check(created, object)
    case 200 where item.isKeptCurrent: try check(await send(.put, path, object), object)
    case 200 where item.kind == .services:
      guard let held = try registry.object(.services, object.objectName)?.tree(),
        let mended = BootstrapObjects.withSecondFamily(held, of: object)
      else { return }
      do {
        try check(await send(.put, path, mended), object)
      } catch {
        // Its first family serves: no reason to serve nothing at all.
        logger.warning(
          "a Service of the cluster's stays without an address of the second family: is somebody else's in its place?",
          metadata: ["service": "\(object.objectName)", "error": "\(error)"])
      }
    default: try check(existing, object)
    }
  }

  private func send(_ method: HTTPRequest.Method, _ target: String, _ body: JSON? = nil) async -> APIServerResponse {
    await handler.handle(
      APIServerRequest(
        method: method, target: target, headers: [.contentType: "application/json", .userAgent: "switchboard-server"],
        body: body.map { ByteBuffer(bytes: $0.encoded()) } ?? ByteBuffer(), user: .loopback))
  }

  private func check(_ response: APIServerResponse, _ object: JSON) throws {
    guard response.status.code >= 300 else { return }
    var text = "status \(response.status.code)"
    if case .buffer(let buffer) = response.body { text = String(buffer: buffer) }
    throw APIServerError(.bootstrap, "cannot make \(object.kind) \(object.objectName): \(text)")
  }
}
