import ArgumentParser
import ClusterModel
import Glibc
import NetworkTypes
import PolicyPlan

/// Planning a node's policies from cold, in a process that does nothing else.
struct PolicyPlanningCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy-planning", abstract: "Planning the policies of a node from cold, and the memory for it.")

  @Option(help: "Pods of the cluster.") var pods = 10_000
  @Option(help: "Policies of the cluster.") var policies = 1000
  @Option(help: "Pods of the node.") var localPods = 110

  func run() async throws {
    let population = PolicyPopulation(pods: pods, policies: policies, localPods: localPods)
    var snapshot = ClusterSnapshot()
    var change = ClusterChange()
    for event in population.events + population.attachments { change.merge(snapshot.apply(event)) }
    let update = ClusterUpdate(snapshot: snapshot, change: change, isFirst: true)
    var samples = SampleSet()
    let begin = ContinuousClock.now
    var plan = PolicyPlan(.init(nodeName: PolicyPopulation.nodeName, family: .v4, nameServerAddresses: []))
    let delta = plan.update(update)
    samples.add(.policyPlanning, ContinuousClock.now - begin)
    guard plan.isolatedCount == localPods else {
      throw BenchError(.unexpected, "\(plan.isolatedCount) pods are isolated, not \(localPods)")
    }
    guard !delta.members.added.isEmpty else { throw BenchError(.unexpected, "the plan has no members") }
    samples.add(.policyPlanningMemory, try ProcessMemory.resident(getpid()))
    print(samples.lines, terminator: "")
  }
}
