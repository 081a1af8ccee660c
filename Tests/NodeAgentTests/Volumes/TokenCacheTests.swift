import APIClient
import JSONTree
import KubernetesAPI
import Synchronization
import Testing

@testable import NodeAgent

@Suite struct TokenCacheTests {
  /// Gives a new token to each request, and keeps the requests.
  private final class Issuer: APITransport {
    let requests = Mutex<[(path: String, body: JSON)]>([])

    func send(_ request: APIRequest) async throws -> APIResponse {
      let body = try JSON.parse(request.body ?? [])
      let number = requests.withLock { requests in
        requests.append((request.path, body))
        return requests.count
      }
      let answer: JSON = ["kind": "TokenRequest", "status": ["token": .string("token-\(number)")]]
      return APIResponse(status: 201, body: answer.encoded())
    }

    func stream(_ request: APIRequest) async throws -> APIStream { throw CancellationError() }
  }

  private let issuer = Issuer()

  private var client: APIClient { APIClient(transport: issuer) }

  private let pod = testPod {
    $0[path: "metadata", "uid"] = "u-1"
    $0[path: "spec", "serviceAccountName"] = "robot"
  }

  @Test func aTokenIsBoundToThePodAndKept() async throws {
    let cache = TokenCache(now: { Timestamp(seconds: 0) })
    let request: JSON = ["audience": "vault", "expirationSeconds": 7200]
    #expect(try await cache.token(for: pod, request: request, client: client) == "token-1")
    #expect(try await cache.token(for: pod, request: request, client: client) == "token-1")
    #expect(try await cache.token(for: pod, request: ["expirationSeconds": 7200], client: client) == "token-2")
    let (path, body) = try #require(issuer.requests.withLock { $0.first })
    #expect(path == "/api/v1/namespaces/default/serviceaccounts/robot/token")
    #expect(body.spec["audiences"] == ["vault"])
    #expect(body.spec["expirationSeconds"] == 7200)
    #expect(body.spec["boundObjectRef"]?["uid"] == "u-1")
    await cache.forget(pod: "u-1")
    #expect(try await cache.token(for: pod, request: request, client: client) == "token-3")
  }

  @Test func aTokenIsRenewedAfterFourFifthsOfItsLife() async throws {
    let time = Moment()
    let cache = TokenCache(now: { time.now })
    let request: JSON = ["expirationSeconds": 1000]
    _ = try await cache.token(for: pod, request: request, client: client)
    time.set(799)
    #expect(try await cache.token(for: pod, request: request, client: client) == "token-1")
    time.set(800)
    #expect(try await cache.token(for: pod, request: request, client: client) == "token-2")
  }

  private final class Moment: Sendable {
    private let seconds = Mutex<Int64>(0)
    var now: Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }
    func set(_ value: Int64) { seconds.withLock { $0 = value } }
  }
}
