import JSONTree
import KubernetesAPI
import NIOCore

extension ResourceREST {
  func list(_ request: ResourceRequest) throws(APIStatus) -> APIServerResponse {
    let cache = try registry.cache(of: request.kind)
    let options = try ListOptions(request.query)
    let selection = try request.selection()
    let view = try view(of: cache, options)
    var objects = Self.range(of: view.objects, selection, kind: request.kind)
    if let last = options.continuation?.lastKey { objects = Self.rest(of: objects, after: last) }
    var page: [CachedObject] = []
    var metadata: JSON = ["resourceVersion": .string(String(view.revision))]
    var index = objects.startIndex
    while index < objects.endIndex {
      if selection.contains(objects[index]) {
        if options.limit > 0, page.count == options.limit, let last = page.last {
          cache.keep(view)
          metadata["continue"] = .string(ContinueToken(revision: view.revision, lastKey: last.key).text)
          if selection.labels == nil, selection.fields == nil {
            metadata["remainingItemCount"] = .int(Int64(objects.distance(from: index, to: objects.endIndex)))
          }
          break
        }
        page.append(objects[index])
      }
      objects.formIndex(after: &index)
    }
    return try answer(page, metadata: metadata, to: request)
  }

  func view(of cache: ResourceCache, _ options: ListOptions) throws(APIStatus) -> ResourceCache.View {
    if let continuation = options.continuation {
      guard let revision = continuation.revision else { return cache.view }
      guard let view = cache.view(at: revision) else {
        throw .expiredContinuation(ContinueToken(revision: nil, lastKey: continuation.lastKey))
      }
      return view
    }
    let view = cache.view
    switch options.match {
    case .any: return view
    case .notOlderThan(let revision), .exactly(let revision):
      if revision > view.revision { throw .tooLargeResourceVersion(revision, current: view.revision) }
      guard case .exactly = options.match else { return view }
      guard let exact = cache.view(at: revision) else {
        throw .expired("The resourceVersion for the provided list is too old.")
      }
      return exact
    }
  }

  /// The objects of the selection's namespace; keys of one namespace stand together.
  static func range(
    of objects: SortedObjects, _ selection: Selection, kind: ResourceKind
  ) -> SortedObjects.SubSequence {
    guard let namespace = selection.namespace else { return objects[...] }
    return objects.under("\(ObjectKey.prefix(of: kind))\(namespace)/")
  }

  /// What a list that stopped after a key still has to show.
  static func rest(of objects: SortedObjects.SubSequence, after key: String) -> SortedObjects.SubSequence {
    let start = objects.base.index(after: key)
    return objects[min(max(start, objects.startIndex), objects.endIndex)...]
  }

  private func answer(
    _ page: [CachedObject], metadata: JSON, to request: ResourceRequest
  ) throws(APIStatus) -> APIServerResponse {
    if request.format.shape == .object, request.format.encoding == .protobuf {
      return try ProtobufAnswers.list(page, metadata: metadata, kind: request.kind, cache: registry.protobuf)
    }
    if request.format.shape == .object, !request.format.isIndented {
      return APIServerResponse(encoded: Self.encodedList(page, metadata: metadata, kind: request.kind))
    }
    var trees: [JSON] = []
    for object in page { trees.append(try object.tree()) }
    return answer(trees, metadata: metadata, to: request)
  }

  /// A list of objects that need not be stored.
  func answer(_ trees: [JSON], metadata: JSON, to request: ResourceRequest) -> APIServerResponse {
    let list: JSON
    switch request.format.shape {
    case .object:
      list = [
        "kind": .string(request.kind.listKind), "apiVersion": .string(request.kind.apiVersion), "metadata": metadata,
        "items": .array(trees),
      ]
    case .partialMetadata:
      list = [
        "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "items": .array(trees.map(ObjectShaping.partialMetadata)),
      ]
    case .table(let version): list = TableRendering.table(trees, metadata: metadata, of: request, version: version)
    }
    var response = APIServerResponse(json: list, indented: request.format.isIndented)
    Self.add(request.notes.warnings, to: &response)
    return response
  }

  private static func encodedList(_ page: [CachedObject], metadata: JSON, kind: ResourceKind) -> ByteBuffer {
    let size = page.reduce(256) { $0 + $1.encoded.count + 1 }
    var buffer = ByteBufferAllocator().buffer(capacity: size)
    buffer.writeString("{\"kind\":\"\(kind.listKind)\",\"apiVersion\":\"\(kind.apiVersion)\",\"metadata\":")
    buffer.writeBytes(metadata.encoded())
    buffer.writeStaticString(",\"items\":[")
    for (index, object) in page.enumerated() {
      if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
      buffer.writeBytes(object.encoded)
    }
    buffer.writeStaticString("]}\n")
    return buffer
  }
}
