package import JSONTree
package import KubernetesAPI

/// A client of the Kubernetes API: the verbs, over trees. A value that may be copied and used from anywhere.
///
/// Every call throws ``APIError``, or `CancellationError` where its task was cancelled.
package struct APIClient: Sendable {
  package let transport: any APITransport
  /// The name under which the server records who changed what: the `fieldManager` and the user agent.
  package var name: String
  /// How long a call waits for its answer.
  package var timeout: Duration

  package init(
    transport: any APITransport, name: String = "switchboard", timeout: Duration = APIRequest.defaultTimeout
  ) {
    self.transport = transport
    self.name = name
    self.timeout = timeout
  }

  /// The same connection under another name.
  package func named(_ name: String) -> APIClient {
    var copy = self
    copy.name = name
    return copy
  }
}

// MARK: - Reading

extension APIClient {
  package func get(
    _ kind: ResourceKind, namespace: String? = nil, name: String, subresource: String? = nil
  ) async throws -> JSON {
    try await call(.get, try path(of: kind, namespace, name, subresource))
  }

  /// The object, or `nil` where there is none.
  package func find(_ kind: ResourceKind, namespace: String? = nil, name: String) async throws -> JSON? {
    do {
      return try await get(kind, namespace: namespace, name: name)
    } catch let error as APIError where error.isNotFound {
      return nil
    }
  }

  /// One page of a list: everything, unless `options` limit it. Without a namespace, of all namespaces.
  package func list(
    _ kind: ResourceKind, namespace: String? = nil, options: ListOptions = ListOptions()
  ) async throws -> ObjectList {
    let answer = try await call(.get, kind.collectionPath(of: namespace), query: options.query)
    guard let items = answer["items"]?.array ?? (answer["metadata"] == nil ? nil : []) else {
      throw APIError(.malformedAnswer, "the answer to a list of \(kind.plural) has no items")
    }
    let isTyped = items.first.map { !$0.kind.isEmpty } ?? true
    return ObjectList(
      items: isTyped ? items : items.map { $0.typed(as: kind) },
      resourceVersion: answer.resourceVersion,
      continueToken: answer["metadata"]?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 })
  }

  /// Follows what happens after `options.resourceVersion`. Returns when the server has accepted the watch.
  ///
  /// `duration` bounds the watch at the server, so that no half-dead one lives for ever.
  package func watch(
    _ kind: ResourceKind, namespace: String? = nil, options: ListOptions = ListOptions(),
    bookmarks: Bool = true, duration: Duration? = nil
  ) async throws -> WatchEvents {
    var query = options.query
    query.append(NamedValue("watch", "true"))
    if bookmarks { query.append(NamedValue("allowWatchBookmarks", "true")) }
    if let duration { query.append(NamedValue("timeoutSeconds", String(duration.components.seconds))) }
    let request = makeRequest(.get, kind.collectionPath(of: namespace), query: query)
    return WatchEvents(body: try await stream(request).body)
  }
}

// MARK: - Writing

extension APIClient {
  /// Creates an object in the namespace it names. For a subresource (`binding`, `token`) give the name of the object
  /// that has it, and its namespace where `object` does not name one.
  package func create(
    _ kind: ResourceKind, _ object: JSON, namespace: String? = nil, name: String? = nil, subresource: String? = nil
  ) async throws -> JSON {
    let namespace = namespace ?? object["metadata"]?["namespace"]?.string
    let target: String
    if let name {
      target = try path(of: kind, namespace, name, subresource)
    } else {
      target = try requireNamespace(kind, namespace)
    }
    return try await call(.post, target, query: writeQuery, body: object.typed(as: kind, unless: subresource != nil))
  }

  /// Replaces the object, or with `subresource` (`status`) that part of it. With a `resourceVersion` in the object's
  /// metadata it fails with a conflict where another write came between.
  package func update(_ kind: ResourceKind, _ object: JSON, subresource: String? = nil) async throws -> JSON {
    let target = try path(of: kind, object["metadata"]?["namespace"]?.string, object.name, subresource)
    return try await call(.put, target, query: writeQuery, body: object.typed(as: kind, unless: subresource == "scale"))
  }

  package func updateStatus(_ kind: ResourceKind, _ object: JSON) async throws -> JSON {
    try await update(kind, object, subresource: "status")
  }

  package func patch(
    _ kind: ResourceKind, namespace: String? = nil, name: String, type: PatchType = .merge, _ patch: JSON,
    subresource: String? = nil
  ) async throws -> JSON {
    try await call(
      .patch, try path(of: kind, namespace, name, subresource), query: writeQuery, body: patch,
      contentType: type.rawValue)
  }

  /// Deletes an object. The answer is a `Status`, or the object where finalizers or a grace period keep it.
  @discardableResult
  package func delete(
    _ kind: ResourceKind, namespace: String? = nil, name: String, options: DeleteOptions = DeleteOptions()
  ) async throws -> JSON {
    try await call(.delete, try path(of: kind, namespace, name, nil), body: options.body)
  }

  /// Deletes all objects that `selection` selects in one namespace.
  package func deleteCollection(
    _ kind: ResourceKind, namespace: String? = nil, selection: ListOptions = ListOptions(),
    options: DeleteOptions = DeleteOptions()
  ) async throws {
    let target = try requireNamespace(kind, namespace)
    _ = try await call(.delete, target, query: selection.query, body: options.body)
  }
}

// MARK: - Requests

extension APIClient {
  /// Sends any request and returns the bytes of a successful answer.
  package func raw(_ request: APIRequest) async throws -> APIResponse {
    let response = try await transport.send(request)
    guard (200..<300).contains(response.status) else {
      throw APIError(
        httpStatus: response.status, body: response.body, request: "\(request.verb.rawValue) \(request.path)")
    }
    return response
  }

  /// Sends any request whose answer goes on: a watch, a log that is followed.
  package func stream(_ request: APIRequest) async throws -> APIStream {
    let stream = try await transport.stream(request)
    guard (200..<300).contains(stream.status) else {
      var body: [UInt8] = []
      for try await bytes in stream.body where body.count < 1 << 16 { body += bytes }
      throw APIError(httpStatus: stream.status, body: body, request: "\(request.verb.rawValue) \(request.path)")
    }
    return stream
  }

  private var writeQuery: [NamedValue] { [NamedValue("fieldManager", name)] }

  private func makeRequest(
    _ verb: HTTPVerb, _ path: String, query: [NamedValue] = [], body: JSON? = nil,
    contentType: String = "application/json"
  ) -> APIRequest {
    var headers = [NamedValue("Accept", "application/json"), NamedValue("User-Agent", name)]
    if body != nil { headers.append(NamedValue("Content-Type", contentType)) }
    return APIRequest(verb, path, query: query, headers: headers, body: body?.encoded(), timeout: timeout)
  }

  private func call(
    _ verb: HTTPVerb, _ path: String, query: [NamedValue] = [], body: JSON? = nil,
    contentType: String = "application/json"
  ) async throws -> JSON {
    let request = makeRequest(verb, path, query: query, body: body, contentType: contentType)
    let response = try await raw(request)
    do {
      return try JSON.parse(response.body)
    } catch {
      throw APIError(.malformedAnswer, "the answer to \(verb.rawValue) \(path) is not JSON", cause: error)
    }
  }

  private func path(
    of kind: ResourceKind, _ namespace: String?, _ name: String, _ subresource: String?
  ) throws -> String {
    // A slash or a dot-only segment would make another request of it.
    guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
      throw APIError(
        .configuration, "\(kind.kind) \"\(name)\" cannot be the name of an object; give the object a valid name")
    }
    _ = try requireNamespace(kind, namespace)
    return kind.objectPath(namespace: namespace, name: name, subresource: subresource)
  }

  private func requireNamespace(_ kind: ResourceKind, _ namespace: String?) throws -> String {
    if kind.isNamespaced, namespace?.isEmpty ?? true {
      throw APIError(.configuration, "\(kind.plural) are namespaced: the request must name a namespace")
    }
    return kind.collectionPath(namespace: namespace)
  }
}

extension JSON {
  /// With `apiVersion` and `kind` in front where they are missing.
  func typed(as kind: ResourceKind, unless skip: Bool = false) -> JSON {
    guard !skip, case .object(let object) = self, object["kind"] == nil || object["apiVersion"] == nil else {
      return self
    }
    var members = [
      JSONObject.Member(key: "apiVersion", value: .string(kind.apiVersion)),
      JSONObject.Member(key: "kind", value: .string(kind.kind)),
    ]
    members += object.members.filter { $0.key != "apiVersion" && $0.key != "kind" }
    return .object(JSONObject(members: members))
  }
}

extension ResourceKind {
  /// The collection of a namespace, or of all where it is `nil` or empty.
  fileprivate func collectionPath(of namespace: String?) -> String {
    collectionPath(namespace: namespace.flatMap { $0.isEmpty ? nil : $0 })
  }
}
