import APIClient
import JSONTree
import KubernetesAPI
import NetworkTypes

/// Pods on nodes that are absent, and policies about them: objects that every agent takes in.
struct PolicyLoad: Sendable {
  let client: APIClient

  private static let nodes = 20
  private static let writers = 8
  private static let firstAddress = IPAddress(v4: 10, 244, 128, 0)

  func createNodes() async throws {
    for number in 0..<Self.nodes {
      _ = try await client.create(.nodes, ["metadata": ["name": .string("absent-\(number)")]])
    }
    for number in 0..<10 {
      _ = try await client.create(
        .namespaces, ["metadata": ["name": .string("ns-\(number)"), "labels": ["team": .string("team-\(number)")]]])
      try await createServiceAccount(in: "ns-\(number)")
    }
  }

  /// Without it the namespace takes no pods. A controller makes it too, soon.
  private func createServiceAccount(in namespace: String) async throws {
    do {
      _ = try await client.create(
        .serviceAccounts, ["metadata": ["name": "default", "namespace": .string(namespace)]])
    } catch let error as APIError where error.isAlreadyExists {
      // The controller was faster.
    }
  }

  func createPods(_ numbers: Range<Int>) async throws {
    try await each(numbers) { number in
      let made = try await client.create(.pods, Self.pod(number))
      var running = made
      let address = JSON.string(Self.firstAddress.advanced(by: UInt128(number)).description)
      running["status"] = ["phase": "Running", "podIP": address, "podIPs": [["ip": address]]]
      _ = try await client.updateStatus(.pods, running)
    }
  }

  func createPolicies(_ count: Int) async throws {
    try await each(0..<count) { _ = try await client.create(.networkPolicies, Self.policy($0)) }
  }

  private func each(_ numbers: Range<Int>, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<Self.writers {
        group.addTask {
          for number in stride(from: numbers.lowerBound + writer, to: numbers.upperBound, by: Self.writers) {
            try await body(number)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private static func pod(_ number: Int) -> JSON {
    [
      "metadata": [
        "name": .string("load-\(number)"), "namespace": .string("ns-\(number % 10)"),
        "labels": ["app": .string("app-\(number / 10 % 10)")],
      ],
      "spec": [
        "nodeName": .string("absent-\(number % nodes)"),
        "containers": [["name": "main", "image": .string(BenchPod.image)]],
      ],
    ]
  }

  private static func policy(_ number: Int) -> JSON {
    func app(_ number: Int) -> JSON { ["matchLabels": ["app": .string("app-\(number % 10)")]] }
    return [
      "metadata": ["name": .string("load-\(number)"), "namespace": .string("ns-\(number % 10)")],
      "spec": [
        "podSelector": app(number / 10),
        "ingress": [
          [
            "from": [
              ["podSelector": app(number / 10 + 1)],
              ["namespaceSelector": ["matchLabels": ["team": .string("team-\(number % 7)")]]],
            ], "ports": [["port": .int(Int64(8000 + number))]],
          ]
        ],
      ],
    ]
  }
}
