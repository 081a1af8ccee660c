import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore

extension ResourceREST {
  /// Upstream ends a watch without `timeoutSeconds` after half an hour to an hour.
  private static let defaultTimeout: ClosedRange<Int64> = 1800...3600

  func watch(_ request: ResourceRequest) throws(APIStatus) -> APIServerResponse {
    let cache = try registry.cache(of: request.kind)
    var selection = try request.selection()
    if !request.info.name.isEmpty {
      let term = FieldSelector.Term("metadata.name", equals: request.info.name)
      selection.fields = FieldSelector(terms: (selection.fields?.terms ?? []) + [term])
    }
    let query = request.query
    let sendsInitialEvents = query.flag("sendInitialEvents")
    let sendsBookmarks = query.flag("allowWatchBookmarks")
    let faults = ListOptions.watchFaults(query)
    guard faults.isEmpty else { throw .invalidOptions("ListOptions", faults) }
    let version = try query.text("resourceVersion").map { text throws(APIStatus) in try ListOptions.revision(text) }
    let seconds = try query.integer("timeoutSeconds") ?? Int64.random(in: Self.defaultTimeout)
    let watcher = Watcher(
      kind: request.kind, selection: selection, sendsBookmarks: sendsBookmarks,
      deadline: .now() + .seconds(max(1, seconds)), rendering: WatchRendering(request)
    ) { cache.remove($0) }
    do {
      // Without initial events and without a revision a watch begins with the next change.
      let start = query["sendInitialEvents"] == nil ? nil : cache.view.revision
      let after = version.flatMap { $0 == 0 ? nil : $0 } ?? start
      try cache.add(watcher, after: after, sendsInitialEvents: sendsInitialEvents)
    } catch {
      guard error.reason == "Expired" else { throw error }
      // As upstream: the watch begins well and its first and last event says that it cannot go on.
      watcher.fail(error)
    }
    let isProtobuf = request.format.encoding == .protobuf
    return APIServerResponse(
      headers: [.contentType: isProtobuf ? ProtobufEnvelope.watchMediaType : "application/json"], body: .stream(watcher)
    )
  }
}
