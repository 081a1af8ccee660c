import APIClient
import ArgumentParser
import JSONTree
import KubernetesAPI
import NIOCore

struct APIReadsCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "api-reads",
    abstract:
      "With 10,000 Services and as many EndpointSlices: memory, GETs a second, whole lists, events to 100 watchers.")

  @OptionGroup var options: APIOptions
  @Option(help: "Services, and as many slices of ten endpoints.") var count = 10_000
  @Option(help: "Watchers of one event.") var watchers = 100
  @Option(help: "Rounds of a second of GETs, in turns with a second of bare answers.") var rounds = 7

  func run() async throws {
    try await options.measure("api-reads") { server, target, samples in
      _ = try await target.create(APIObjects.services, 0..<count) { APIObjects.service("svc-\($0)") }
      _ = try await target.create(APIObjects.slices, 0..<count) { APIObjects.slice("svc-\($0)", number: $0) }
      // What loading has left behind is not to be measured as what the objects take.
      try await Task.sleep(for: .seconds(2))
      samples.add(.loadedMemory, try server.residentMemory())
      try await gets(server, target, &samples)
      try await lists(target, &samples)
      samples.add(.listedMemory, try server.residentMemory())
      try await events(server.kubeconfig, target, &samples)
    }
  }

  private func gets(_ server: RunningServer, _ target: LoadTarget, _ samples: inout SampleSet) async throws {
    let count = count
    let client = try APIClient.connect(kubeconfig: server.kubeconfig, name: "switchboard-bench")
    let size = try await client.raw(APIRequest(.get, "\(APIObjects.services)/svc-0")).body.count
    let bare = try await BareAnswers(showing: target.configuration, bodySize: size)
    let request = bare.target.request("GET", "\(APIObjects.services)/svc-0")
    for round in 0...rounds {
      let floor = try await LoadRun.run(bare.target, connections: LoadTarget.clients, seconds: 1) { _, _ in request }
      let begin = try server.processorTime()
      let result = try await LoadRun.run(target, connections: LoadTarget.clients, seconds: 1) { connection, number in
        target.request("GET", "\(APIObjects.services)/svc-\((number * 17 + connection) % count)")
      }
      guard round > 0 else { continue }
      samples.add(.bareAnswers, floor.perSecond)
      samples.add(.gets, result.perSecond)
      samples.add(.getCost, (try server.processorTime() - begin) * 1e6 / Double(result.answered))
    }
    try await bare.stop()
  }

  private func lists(_ target: LoadTarget, _ samples: inout SampleSet) async throws {
    let list = target.request("GET", APIObjects.services)
    let result = try await LoadRun.run(target, connections: 1) { _, number in number < 25 ? list : nil }
    for time in result.milliseconds.dropFirst(5) { samples.add(.list, time) }
  }

  private static let watched: JSON = ["metadata": ["name": "watched", "namespace": .string(APIObjects.namespace)]]

  /// From the moment an update is sent until each of the watchers has its event.
  private func events(_ kubeconfig: String, _ target: LoadTarget, _ samples: inout SampleSet) async throws {
    let watchers = watchers
    let arrivals = LoadWatcher.Arrivals()
    let channels = try await target.connect(watchers) { _ in LoadWatcher(arrivals) }
    let watch = target.request("GET", "\(APIObjects.configMaps)?watch=true&fieldSelector=metadata.name%3Dwatched")
    for channel in channels { channel.writeAndFlush(watch, promise: nil) }
    await arrivals.wait(for: watchers)
    let client = try APIClient.connect(kubeconfig: kubeconfig, name: "switchboard-bench")
    var object = try await client.create(.configMaps, Self.watched)
    try await Deadline.run(.seconds(10), "the first event to reach all") { await arrivals.wait(for: 2 * watchers) }
    _ = arrivals.take()
    for round in 0..<220 {
      object["data"] = ["round": .string("\(round)")]
      let begin = NIODeadline.now()
      object = try await client.update(.configMaps, object)
      try await Deadline.run(.seconds(10), "an event to reach \(watchers) watchers") {
        await arrivals.wait(for: 2 * watchers)
      }
      let times = arrivals.take()
      guard round >= 20 else { continue }
      for time in times { samples.add(.event, Double((time - begin).nanoseconds) / 1e6) }
    }
    target.close(channels)
  }
}
