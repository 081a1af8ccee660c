import APITesting
import JSONTree
import KubernetesAPI
import Logging
import Synchronization
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct NodeAcknowledgementTests {
  private static let now = Timestamp(seconds: 1_700_000_000)

  private static func lease(_ node: String, _ revision: String?, age: Int64 = 1) -> JSON {
    var lease: JSON = [
      "metadata": ["name": .string(node), "namespace": "kube-node-lease"],
      "spec": [
        "holderIdentity": .string(node), "leaseDurationSeconds": 40,
        "renewTime": .string((now - .seconds(age)).microText),
      ],
    ]
    if let revision {
      lease[path: "metadata", "annotations", NodeAcknowledgements.annotation] = .string(revision)
    }
    return lease
  }

  @Test(arguments: [
    ("100", Int64(1), true), ("101", 1, true), ("99", 1, false), ("99", 41, true), (nil, 1, true),
  ])
  func aNodeIsAwaitedWhileItLivesAndHasNotSaid(revision: String?, age: Int64, isPermitted: Bool) {
    #expect(
      NodeAcknowledgements.permits(Self.lease("node-1", revision, age: age), 100, at: Self.now) == isPermitted)
  }

  @Test func theLastNodesWordEndsTheWait() async throws {
    let api = FakeAPI()
    api.put(.leases, Self.lease("node-1", "100"))
    api.put(.leases, Self.lease("node-2", "7"))
    let board = NodeAcknowledgements(client: api.client, now: { Self.now }, logger: Logger(label: "test"))
    let end = End()
    let wait = Task {
      await board.wait(for: 100)
      end.isReached.withLock { $0 = true }
    }
    await eventually("the Leases are read") { !api.requests.isEmpty }
    await settle()
    #expect(!end.isReached.withLock { $0 })
    api.put(.leases, Self.lease("node-2", "100"))
    await wait.value
  }

  private final class End: Sendable {
    let isReached = Mutex(false)
  }
}
