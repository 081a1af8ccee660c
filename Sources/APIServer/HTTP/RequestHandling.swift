/// Answers requests, whatever brought them here.
package protocol RequestHandling: Sendable {
  /// Never throws: a failure is an answer too. The task is cancelled when the client goes away.
  func handle(_ request: APIServerRequest) async -> APIServerResponse
}
