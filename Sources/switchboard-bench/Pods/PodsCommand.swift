import ArgumentParser
import ContainerRuntime
import Lab

struct PodsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pods", abstract: "Pods until they are ready, in turns with the bare calls to the container runtime.")

  @Option(help: "Pods, and as many bare containers.") var rounds = 20

  /// Rounds that are run and not counted: the first pod of a node finds nothing cached.
  private static let warmUp = 2

  func run() async throws {
    let cluster = try LabCluster.current(nodes: 1)
    let folder = cluster.folder(of: cluster.state.nodes[0])
    let runtime = CRIClient(endpoint: folder.containerdSocket, pipeDirectory: folder.run)
    guard let image = try await runtime.image(BenchPod.image) else {
      throw BenchError(.unexpected, "the node lacks the image \(BenchPod.image): lab run --image FILE")
    }
    var samples = SampleSet()
    for round in 0..<(Self.warmUp + rounds) {
      if round == Self.warmUp { samples = SampleSet() }
      let pod = BenchPod(name: "pod-\(round)", client: cluster.client)
      let bare = BareContainer(runtime: runtime, folder: folder, image: image.id, name: "bare-\(round)")
      // Each side goes first in every other round.
      if round.isMultiple(of: 2) {
        samples.add(.podReady, try await time(pod))
        samples.add(.bareRuntime, try await time(bare))
      } else {
        samples.add(.bareRuntime, try await time(bare))
        samples.add(.podReady, try await time(pod))
      }
    }
    await runtime.disconnect()
    print(samples.lines, terminator: "")
  }

  private func time(_ pod: BenchPod) async throws -> Duration {
    let (begin, ready) = try await pod.create()
    try await pod.delete()
    return ready - begin
  }

  private func time(_ bare: BareContainer) async throws -> Duration {
    try await Deadline.run(.seconds(30), "container \(bare.name)") {
      let (duration, sandbox, container) = try await bare.run()
      try await bare.remove(sandbox: sandbox, container: container)
      return duration
    }
  }
}
