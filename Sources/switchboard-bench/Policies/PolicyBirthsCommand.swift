import ArgumentParser
import ClusterModel
import HashTreeCollections
import KubernetesAPI
import NetworkTypes

/// A pod that comes, here and elsewhere, among many pods and policies, without a cluster around.
struct PolicyBirthsCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "policy-births",
    abstract: "From a pod's address until its policies are in force, on its node and where others allow it.")

  @Option(help: "Pods that come in each way.") var rounds = 100

  func run() async throws {
    let population = PolicyPopulation(pods: 10_000, policies: 1000, localPods: 100)
    let rounds = rounds
    let samples = try await LonePolicies.run(population.events + population.attachments) { policies in
      var samples = SampleSet()
      for round in 0..<rounds {
        // The pod is bound here before it has an address.
        var pod = population.pod(round)
        pod.name = ObjectName(namespace: pod.name.namespace, name: "born-\(round)")
        pod.uid = "born-\(round)"
        pod.addresses = []
        let address = IPAddress(v4: 10, 200, 0, 1).advanced(by: UInt128(round))
        let (uid, name) = (pod.uid, pod.name)
        _ = try await policies.apply([.pod(pod)]) { $0.pods[name] != nil }
        let here = try await policies.apply([.attached(address, podUID: uid)]) { $0.attachments[address] == uid }
        samples.add(.policyOfNewPod, here)
        // One elsewhere, which policies of pods here allow.
        var other = population.pod(population.localPods + round)
        other.name = ObjectName(namespace: other.name.namespace, name: "other-\(round)")
        other.uid = "other-\(round)"
        other.addresses = [IPAddress(v4: 10, 201, 0, 1).advanced(by: UInt128(round))]
        let born = other.name
        let elsewhere = try await policies.apply([.pod(other)]) { $0.pods[born] != nil }
        samples.add(.allowanceOfNewPod, elsewhere)
      }
      return samples
    }
    print(samples.lines, terminator: "")
  }
}
