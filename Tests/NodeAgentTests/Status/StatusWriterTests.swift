import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Logging
import Synchronization
import Testing

@testable import NodeAgent

@Suite struct StatusWriterTests {
  /// What was sent, and how many answers fail first.
  private final class Server: Sendable {
    let bodies = Mutex<[JSON]>([])
    let failures = Mutex(0)
    let clock = ManualClock()

    var writer: (FakeAPI, StatusWriter, JSON) {
      let api = FakeAPI(intercept: { [self] request in
        guard request.verb == .patch, let body = request.body else { return }
        let fails = failures.withLock { left in
          left -= 1
          return left >= 0
        }
        if fails { throw APIError(.connection, "no") }
        bodies.withLock { $0.append((try? JSON.parse(body)) ?? .null) }
      })
      let pod = api.put(.pods, testPod())
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      return (api, StatusWriter(client: api.client, clock: clock, logger: logger), pod)
    }
  }

  @Test func listsThatMergeAreReplacedAndWhatIsGoneIsNamed() async throws {
    let server = Server()
    let (_, writer, pod) = server.writer
    await writer.submit(
      pod, ["podIPs": [["ip": "10.0.0.2"]], "conditions": [["type": "Ready", "status": "True", "message": "m"]]])
    await writer.flush(pod.uid)
    let body = try #require(server.bodies.withLock { $0.first })
    #expect(body.status["podIPs"] == [["$patch": "replace"], ["ip": "10.0.0.2"]])
    #expect(
      body.status["conditions"] == [
        ["type": "Ready", "status": "True", "message": "m", "reason": .null],
        ["$patch": "delete", "type": "PodResizePending"], ["$patch": "delete", "type": "PodResizeInProgress"],
      ])
    #expect(body.uid == pod.uid)
  }

  @Test func aFailedWriteIsMadeAgainWithTheNewestStatus() async throws {
    let server = Server()
    server.failures.withLock { $0 = 1 }
    let (api, writer, pod) = server.writer
    await writer.submit(pod, ["phase": "Pending"])
    await eventually("it waits") { server.clock.sleeperCount == 1 }
    await writer.submit(pod, ["phase": "Running"])
    server.clock.advance(by: .milliseconds(100))
    await writer.flush(pod.uid)
    #expect(server.bodies.withLock { $0.map(\.podPhase) } == ["Running"])
    #expect(api.object(.pods, pod.objectName)?.podPhase == "Running")
  }

  @Test func anotherPodOfTheNameIsLeftAlone() async throws {
    let server = Server()
    let (api, writer, pod) = server.writer
    api.remove(.pods, pod.objectName)
    api.put(.pods, testPod())
    await writer.submit(pod, ["phase": "Failed"])
    await writer.flush(pod.uid)
    #expect(api.object(.pods, pod.objectName)?.podPhase == "Pending")
    #expect(server.bodies.withLock(\.count) == 1)
  }

  @Test(.timeLimit(.minutes(5))) func theEndOfTheAgentDoesNotWaitForTheServer() async throws {
    let server = Server()
    server.failures.withLock { $0 = .max }
    let (_, writer, pod) = server.writer
    await writer.submit(pod, ["phase": "Running"])
    await eventually("it waits") { server.clock.sleeperCount == 1 }
    await writer.shutDown()
    await writer.flush(pod.uid)
  }
}
