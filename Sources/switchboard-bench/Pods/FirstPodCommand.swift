import ArgumentParser
import KubernetesAPI

struct FirstPodCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "first-pod",
    abstract: "Create a pod in a lab and take the time since the lab's start until it is ready.")

  @Option(help: ArgumentHelp("When the lab was started: bash's EPOCHREALTIME.", valueName: "seconds")) var since: Double

  func run() async throws {
    let cluster = try LabCluster.current(nodes: 1)
    let pod = BenchPod(name: "first", client: cluster.client)
    _ = try await pod.create()
    // The wall clock is all that a shell outside and this process share.
    let now = Timestamp.now
    let elapsed = Double(now.seconds) - since + Double(now.nanoseconds) / 1e9
    var samples = SampleSet()
    samples.add(.firstPod, elapsed * 1000)
    print(samples.lines, terminator: "")
    try await pod.delete()
  }
}
