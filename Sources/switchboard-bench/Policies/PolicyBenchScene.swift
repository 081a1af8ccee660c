import APIClient
import Glibc
import JSONTree
import KubernetesAPI
import Lab
import LinuxKernel
import NetworkTypes

/// Twenty pods that run, one of each node's isolated: it takes a call from its neighbour only while a policy says so.
struct PolicyBenchScene: Sendable {
  private static let pods = 20
  private static let port: UInt16 = 8080
  private static let isolation = "isolate"
  private static let allowance = "allow"

  private let client: APIClient
  private let probes: [ConnectionProbe]
  private let servers: [LiveServer]

  /// Makes the pods and isolates those that are called.
  init(_ cluster: LabCluster) async throws {
    client = cluster.client
    let nodes = cluster.state.nodes
    var created: [String: JSON] = [:]
    for number in 0..<Self.pods {
      let role = number < nodes.count ? "called" : number < 2 * nodes.count ? "caller" : "other"
      let pod = BenchPod(
        name: "\(role)-\(number % nodes.count)-\(number)", client: client, node: nodes[number % nodes.count].name,
        labels: ["role": role])
      _ = try await pod.create()
      created[pod.name] = try await client.get(.pods, namespace: BenchPod.namespace, name: pod.name)
    }
    _ = try await client.create(
      .networkPolicies, Self.policy(Self.isolation, ["podSelector": Self.role("called")]))
    var (probes, servers): ([ConnectionProbe], [LiveServer]) = ([], [])
    for index in nodes.indices {
      let called = "called-\(index)-\(index)"
      guard let address = created[called]?.status["podIP"]?.string.flatMap({ IPAddress($0) }) else {
        throw BenchError(.unexpected, "pod \(called) has no address")
      }
      let endpoint = SocketEndpoint(address, Self.port)
      servers.append(try LiveServer(in: try cluster.network(ofPod: called), endpoint))
      let caller = "caller-\(index)-\(index + nodes.count)"
      // A packet that is dropped is lost: the next attempt has to come soon.
      probes.append(
        ConnectionProbe(namespace: try cluster.network(ofPod: caller), target: endpoint, patience: 1))
    }
    (self.probes, self.servers) = (probes, servers)
  }

  private static func role(_ role: String) -> JSON { ["matchLabels": ["role": .string(role)]] }

  private static func policy(_ name: String, _ spec: JSON) -> JSON {
    ["metadata": ["name": .string(name), "namespace": .string(BenchPod.namespace)], "spec": spec]
  }

  /// Makes the policy that lets callers in, and takes it away again.
  /// - Returns: how long it took from the API's answer until the last node let its caller in.
  func allow() async throws -> Duration {
    for probe in probes { try await probe.awaitRefusal() }
    let signals = try probes.map { _ in try StartSignal() }
    let time = try await withThrowingTaskGroup(of: ContinuousClock.Instant?.self) { group in
      for (probe, signal) in zip(probes, signals) {
        group.addTask { try await probe.firstConnection(after: signal) }
      }
      let answered: ContinuousClock.Instant
      do {
        _ = try await client.create(
          .networkPolicies,
          Self.policy(
            Self.allowance,
            ["podSelector": Self.role("called"), "ingress": [["from": [["podSelector": Self.role("caller")]]]]]))
        answered = .now
        for signal in signals { try signal.go() }
      } catch {
        for signal in signals { signal.callOff() }
        throw error
      }
      var last = answered
      for try await connected in group {
        guard let connected else { throw CancellationError() }
        last = max(last, connected)
      }
      return last - answered
    }
    try await client.delete(.networkPolicies, namespace: BenchPod.namespace, name: Self.allowance)
    for server in servers { try server.drain() }
    return time
  }

  /// Has `switchboard explain` say why a pod may call, from the program's start to its end.
  func explain(_ count: Int, _ samples: inout SampleSet) async throws {
    let program = try Self.switchboard()
    let nodes = probes.count
    let arguments = ["explain", "pod/caller-0-\(nodes)", "pod/called-0-0:\(Self.port)"]
    for _ in 0..<count {
      let begin = ContinuousClock.now
      let exit = try await BlockingThread.run {
        try ProcessLauncher(program, arguments).launch().wait()
      }
      samples.add(.explain, ContinuousClock.now - begin)
      // The pod is isolated again: there is no way, and that is an answer.
      guard exit == .exited(1) else { throw BenchError(.unexpected, "switchboard explain ended with \(exit)") }
    }
  }

  /// It lies beside this program.
  private static func switchboard() throws -> String {
    guard let own = realpath("/proc/self/exe", nil) else {
      throw KernelError(errno: errno, operation: "realpath", object: "/proc/self/exe")
    }
    defer { free(own) }
    return String(cString: own).split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/switchboard"
  }
}
