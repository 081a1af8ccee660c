import ArgumentParser

struct APISizeCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "api-size",
    abstract: "What a write costs the server with 1,000 objects of the same kind and with 100,000.")

  @OptionGroup var options: APIOptions
  @Option(help: "Windows of 1,000 writes at each size.") var rounds = 5

  private static let sizes: [(Int, Series)] = [
    (1_000, .writeCost1k), (3_000, .writeCost3k), (10_000, .writeCost10k), (30_000, .writeCost30k),
    (100_000, .writeCost100k),
  ]

  func run() async throws {
    try await options.measure("api-size") { server, target, samples in
      var count = 0
      for (size, series) in Self.sizes {
        _ = try await target.create(APIObjects.configMaps, count..<size) { APIObjects.configMap("o-\($0)") }
        count = size
        for round in 0...rounds {
          let begin = try server.processorTime()
          // They come in between the others, all over the order.
          _ = try await target.create(APIObjects.configMaps, 0..<500) {
            APIObjects.configMap("o-\($0 * size / 500)-\(round)")
          }
          try await target.delete(APIObjects.configMaps, 0..<500) { "o-\($0 * size / 500)-\(round)" }
          // The first one warms up.
          if round > 0 { samples.add(series, (try server.processorTime() - begin) * 1e6 / 1000) }
        }
      }
      samples.add(.memory100k, try server.residentMemory())
    }
  }
}
