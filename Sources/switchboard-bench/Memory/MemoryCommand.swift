import ArgumentParser
import Lab

struct MemoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory", abstract: "Resident memory of server and agent in a lab where nothing happens.")

  @Option(help: "How long the lab is left alone first.") var settleSeconds = 15

  func run() async throws {
    let cluster = try LabCluster.current(nodes: 1)
    try await Task.sleep(for: .seconds(settleSeconds))
    let processes = NodeProcesses(of: cluster.state.nodes[0].supervisor)
    var samples = SampleSet()
    samples.add(.serverMemory, try processes.residentMemory("server") { $0.dropFirst().first == "server" })
    samples.add(.agentMemory, try processes.residentMemory("agent") { $0.dropFirst().first == "agent" })
    samples.add(
      .containerdMemory,
      try processes.residentMemory("containerd") { $0.first?.split(separator: "/").last == "containerd" })
    print(samples.lines, terminator: "")
  }
}
