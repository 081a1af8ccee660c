import APIClient
import ArgumentParser
import JSONTree
import KubernetesAPI
import LinuxKernel
import NetworkTypes

struct PoliciesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policies",
    abstract: "From the API's answer to the write of a policy until it is in force on every node; and explanations.",
    discussion: """
      Among 1,000 pods, 20 of which run, and 1,000 policies, one is made that lets a pod of each node call another there, and
      deleted again. Then there are 10,000 pods, and `switchboard explain` says why the pod may call.
      """)

  @Option(help: "Writes that are measured.") var rounds = 50
  @Option(help: "Explanations that are measured.") var explanations = 20

  private static let warmUp = 3

  func run() async throws {
    let cluster = try LabCluster.current(nodes: 3)
    let load = PolicyLoad(client: cluster.client)
    try await Deadline.run(.seconds(200), "pods and policies to be made") {
      try await load.createNodes()
      try await load.createPods(0..<980)
      try await load.createPolicies(999)
    }
    let scene = try await PolicyBenchScene(cluster)
    var samples = SampleSet()
    for round in 0..<(Self.warmUp + rounds) {
      let time = try await scene.allow()
      if round >= Self.warmUp { samples.add(.policyWrite, time) }
    }
    try await Deadline.run(.seconds(200), "10,000 pods to be made") { try await load.createPods(980..<9980) }
    // What all have to do with new pods is not to be measured as what an explanation takes; nothing tells when it is done.
    try await Task.sleep(for: .seconds(2))
    try await scene.explain(explanations, &samples)
    print(samples.lines, terminator: "")
  }
}
