import APIClient
import JSONTree
import KubernetesAPI

/// Service account tokens bound to pods, each renewed after four fifths of its life.
actor TokenCache {
  private struct Key: Hashable {
    let pod: String
    let audience: String
    let seconds: Int64
  }

  private struct Entry {
    let token: String
    let renewal: Timestamp
  }

  private var entries: [Key: Entry] = [:]
  private let now: @Sendable () -> Timestamp

  init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

  func token(for pod: JSON, request: JSON, client: APIClient) async throws -> String {
    let seconds = request["expirationSeconds"]?.int ?? 3600
    let audience = request["audience"]?.string ?? ""
    let key = Key(pod: pod.uid, audience: audience, seconds: seconds)
    if let entry = entries[key], now() < entry.renewal { return entry.token }
    var body: JSON = [
      "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
      "spec": [
        "expirationSeconds": .int(seconds),
        "boundObjectRef": [
          "apiVersion": "v1", "kind": "Pod", "name": .string(pod.name), "uid": .string(pod.uid),
        ],
      ],
    ]
    body[path: "spec", "audiences"] = audience.isEmpty ? .array([]) : .array([.string(audience)])
    let account = pod.spec["serviceAccountName"]?.string ?? "default"
    let answer = try await client.create(
      .serviceAccounts, body, namespace: pod.namespace, name: account, subresource: "token")
    guard let token = answer.status["token"]?.string else {
      throw NodeAgentError(.failedMount, "the API server's answer to a token request for \(account) has no token")
    }
    entries[key] = Entry(token: token, renewal: now() + .seconds(max(60, seconds * 4 / 5)))
    return token
  }

  func forget(pod uid: String) { entries = entries.filter { $0.key.pod != uid } }
}
