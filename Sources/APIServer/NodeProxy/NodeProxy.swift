/// Reaches the agents of the nodes for what only they have: logs, and later more.
package protocol NodeProxy: Sendable {
  func logs(_ request: ResourceRequest, registry: Registry) async throws(APIStatus) -> APIServerResponse
}
