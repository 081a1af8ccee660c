import Testing

@testable import NodeAgent

/// Runs `body` with a client of a node's server, over TLS, beside a pod `web` that runs.
/// - Parameter session: what commands in its container are joined to.
func withNodeServer(
  _ session: FakeSession? = nil, _ body: @Sendable @escaping (TestAgent, TLSClient) async throws -> Void
) async throws {
  let agent = try TestAgent()
  agent.runtime.answerExec(with: session)
  agent.add(testPod())
  try await agent.run {
    await eventually("the pod runs") { agent.isReady }
    let (socket, port) = try ListeningSocket.open()
    let server = try await agent.server(on: socket)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      try await TLSClient.connect(port: port) { client in try await body(agent, client) }
      group.cancelAll()
    }
  }
}
