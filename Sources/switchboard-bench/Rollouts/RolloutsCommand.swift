import APIClient
import ArgumentParser
@preconcurrency import Glibc
import JSONTree
import KubernetesAPI
import Lab
import NetworkTypes

struct RolloutsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollouts",
    abstract: "Rollouts of a Deployment under load: how many requests fail, by name, a connection for each.")

  @Option(help: "Rollouts, one after the other.") var count = 10
  @Option(help: "Requests a second.") var rate = 500
  @Option(help: "Pods of the Deployment.") var replicas = 3

  private static let name = ObjectName(namespace: "default", name: "rolled")

  func run() async throws {
    let cluster = try LabCluster.current(nodes: 2)
    let client = cluster.client
    _ = try await client.create(.deployments, Self.deployment(replicas))
    let service = try await client.create(.services, Self.service)
    guard service.spec["clusterIP"]?.string != nil else { throw BenchError(.unexpected, "the Service has no address") }
    try await awaitRollout(client)
    let requests = NamedRequests(
      from: try cluster.network(of: cluster.state.nodes[1]), server: SocketEndpoint(IPAddress(v4: 10, 96, 0, 10), 53),
      name: [Self.name.name, Self.name.namespace, "svc", "cluster", "local"], port: 80)
    let count = count
    let tally = try await requests.send(rate: rate) {
      for number in 1...count {
        let template: JSON = ["metadata": ["annotations": ["bench.switchboard.dev/rollout": .string("\(number)")]]]
        _ = try await client.patch(
          .deployments, namespace: Self.name.namespace, name: Self.name.name, type: .merge,
          ["spec": ["template": template]])
        try await awaitRollout(client)
      }
    }
    var samples = SampleSet()
    samples.add(.rolloutFailures, Double(tally.failures.count))
    samples.add(.rolloutRequests, Double(tally.answered + tally.failures.count))
    samples.add(.rolloutSlowest, tally.slowest)
    print(samples.lines, terminator: "")
    for failure in Set(tally.failures).sorted().prefix(5) { fputs("a request failed: \(failure)\n", stderr) }
  }

  /// Until every pod is of the newest template, ready, and the older ones are gone from the count.
  private func awaitRollout(_ client: APIClient) async throws {
    let replicas = Int64(replicas)
    try await Deadline.run(.seconds(120), "a rollout") {
      var options = ListOptions(fieldSelector: "metadata.name=\(Self.name.name)")
      let list = try await client.list(.deployments, namespace: Self.name.namespace, options: options)
      if list.items.contains(where: { Self.isRolledOut($0, replicas) }) { return }
      options.resourceVersion = list.resourceVersion
      let events = try await client.watch(
        .deployments, namespace: Self.name.namespace, options: options, bookmarks: false)
      for try await event in events {
        if case .modified(let object) = event, Self.isRolledOut(object, replicas) { return }
      }
      throw BenchError(.unexpected, "the watch of the Deployment ended")
    }
  }

  private static func isRolledOut(_ object: JSON, _ replicas: Int64) -> Bool {
    object.status["observedGeneration"]?.int == object.generation
      && ["replicas", "updatedReplicas", "availableReplicas"].allSatisfy { object.status[$0]?.int == replicas }
  }

  private static func deployment(_ replicas: Int) -> JSON {
    let labels: JSON = ["app": .string(name.name)]
    return [
      "metadata": ["name": .string(name.name), "namespace": .string(name.namespace)],
      "spec": [
        "replicas": .int(Int64(replicas)), "selector": ["matchLabels": labels],
        "template": [
          "metadata": ["labels": labels],
          "spec": [
            "terminationGracePeriodSeconds": 10,
            "containers": [
              [
                "name": "main", "image": .string(BenchPod.image), "imagePullPolicy": "IfNotPresent",
                "command": ["serve-hostname"],
                "readinessProbe": ["httpGet": ["path": "/", "port": 8080], "periodSeconds": 1],
              ]
            ],
          ],
        ],
      ],
    ]
  }

  private static var service: JSON {
    [
      "metadata": ["name": .string(name.name), "namespace": .string(name.namespace)],
      "spec": ["selector": ["app": .string(name.name)], "ports": [["port": 80, "targetPort": 8080]]],
    ]
  }
}
