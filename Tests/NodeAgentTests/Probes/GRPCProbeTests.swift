import Glibc
import NIOPosix
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct GRPCProbeTests {
  private func probe(_ port: Int, service: String = "", timeout: Duration = .seconds(30)) async -> ProbeResult {
    await GRPCProbe(host: "127.0.0.1", port: port, service: service, timeout: timeout)
      .run(group: MultiThreadedEventLoopGroup.singleton)
  }

  private func probe(_ answer: HealthServer.Answer, timeout: Duration = .seconds(30)) async throws -> ProbeResult {
    let server = try await HealthServer(answer)
    let result = await probe(server.port, timeout: timeout)
    await server.close()
    return result
  }

  @Test func aServiceThatServesIsGood() async throws {
    let server = try await HealthServer(.message([8, 1]))
    #expect(await probe(server.port) == ProbeResult(isSuccess: true))
    #expect(await probe(server.port, service: "db") == ProbeResult(isSuccess: true))
    let head = "/grpc.health.v1.Health/Check 127.0.0.1:\(server.port) kube-probe/1.36"
    #expect(server.requests == ["\(head) 0.0.0.0.0", "\(head) 0.0.0.0.4.a.2.64.62"])
    await server.close()
  }

  @Test func fieldsOfLaterVersionsAreSkipped() async throws {
    #expect(try await probe(.message([0x12, 1, 0x61, 0x1d, 1, 2, 3, 4, 8, 1])).isSuccess)
  }

  @Test(
    arguments: [
      (.message([]), "service unhealthy (responded with \"UNKNOWN\")"),
      (.message([8, 2]), "service unhealthy (responded with \"NOT_SERVING\")"),
      (.message([8, 3]), "service unhealthy (responded with \"SERVICE_UNKNOWN\")"),
      (.message([8, 0x90, 1]), "service unhealthy (responded with \"144\")"),
      (.message([8]), "error: health rpc probe failed: rpc error: code = Internal desc = the answer cannot be decoded"),
      (
        .failure(status: 5, message: "unknown service"),
        "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service"
      ),
      (
        .failure(status: 12, message: "unknown method"),
        "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown method"
      ),
    ] as [(HealthServer.Answer, String)])
  func whatIsNotServingIsSaid(_ answer: HealthServer.Answer, _ message: String) async throws {
    #expect(try await probe(answer) == ProbeResult(isSuccess: false, message: message))
  }

  @Test func anAnswerThatDoesNotComeIsGivenUp() async throws {
    #expect(
      try await probe(.silence, timeout: .seconds(3))
        == ProbeResult(isSuccess: false, message: "timeout: health rpc did not complete within 3s"))
  }

  /// Nobody there, and somebody who does not speak HTTP/2.
  @Test func aServerThatCannotBeReachedIsNamed() async throws {
    let (socket, port) = try ListeningSocket.open()
    defer { close(socket) }
    let (dead, deadPort) = try ListeningSocket.open()
    close(dead)
    for port in [port, deadPort] {
      let message = "timeout: failed to connect service \"127.0.0.1:\(port)\" within 1s: context deadline exceeded"
      #expect(await probe(port, timeout: .seconds(1)) == ProbeResult(isSuccess: false, message: message))
    }
  }
}
