import ContainerRuntime
import Glibc
import LinuxKernel
import NIOPosix
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct ProberTests {
  private let runtime = FakeRuntime()

  private func run(_ action: ProbeAction) async -> ProbeResult {
    await Prober(runtime: runtime, group: MultiThreadedEventLoopGroup.singleton)
      .run(action, containerID: "c", timeout: .seconds(30))
  }

  /// A port on which nobody listens any more.
  private func deadPort() throws -> Int {
    let (socket, port) = try ListeningSocket.open()
    close(socket)
    return port
  }

  @Test func aPortThatOpensIsGood() async throws {
    let (socket, port) = try ListeningSocket.open()
    defer { close(socket) }
    #expect(await run(.tcp(host: "127.0.0.1", port: port)).isSuccess)
  }

  @Test func aPortThatDoesNotOpenIsNamed() async throws {
    let port = try deadPort()
    #expect(
      await run(.tcp(host: "127.0.0.1", port: port))
        == ProbeResult(isSuccess: false, message: "dial tcp 127.0.0.1:\(port): connect: connection refused"))
    #expect(
      await run(.http(scheme: "http", host: "127.0.0.1", port: port, path: "up", headers: []))
        == ProbeResult(
          isSuccess: false, message: "Get \"http://127.0.0.1:\(port)/up\": connect: connection refused"))
  }

  /// The node's server stands for a container's; nobody vouches for its certificate.
  @Test func theStatusOfAnHTTPSAnswerDecides() async throws {
    let agent = try TestAgent()
    try await agent.run {
      let (socket, port) = try ListeningSocket.open()
      let server = try await agent.server(on: socket)
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await server.run() }
        func get(_ path: String) async -> ProbeResult {
          await run(.http(scheme: "https", host: "127.0.0.1", port: port, path: path, headers: [["X", "1"]]))
        }
        #expect(await get("/healthz") == ProbeResult(isSuccess: true))
        #expect(
          await get("/none") == ProbeResult(isSuccess: false, message: "HTTP probe failed with statuscode: 404"))
        group.cancelAll()
      }
    }
  }

  @Test func aServerThatDoesNotAnswerIsGivenUp() async throws {
    let (socket, port) = try ListeningSocket.open()
    defer { close(socket) }
    let result = await HTTPProbe(
      target: HTTPTarget(scheme: "http", host: "127.0.0.1", port: port, path: "/"), headers: [],
      timeout: .milliseconds(50)
    ).probe(group: MultiThreadedEventLoopGroup.singleton)
    #expect(
      result == ProbeResult(isSuccess: false, message: "Get \"http://127.0.0.1:\(port)/\": context deadline exceeded"))
  }

  @Test func aCommandsCodeDecides() async throws {
    #expect(await !run(.exec(["x"])).isSuccess)
    runtime.answerRun(code: 0, output: "")
    #expect(await run(.exec(["x"])) == ProbeResult(isSuccess: true))
    runtime.answerRun(code: 1, output: "not yet")
    #expect(await run(.exec(["x"])) == ProbeResult(isSuccess: false, message: "not yet"))
  }
}
