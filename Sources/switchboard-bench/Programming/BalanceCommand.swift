import ArgumentParser
import Glibc
import LinuxKernel
import NetworkTypes

/// How even the kernel's choice is, counted over real connections.
struct BalanceCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "balance",
    abstract: "Connections to a Service of 3, 7 and 100 endpoints: how far the one furthest off is from its share.")

  @Option(help: "Connections to each Service.") var connections = 100_000

  private static let service = SocketEndpoint(IPAddress(v4: 10, 96, 7, 7), 80)

  func run() async throws {
    try LoneProxy.routeServices()
    var samples = SampleSet()
    for (count, series) in [(3, Series.balance3), (7, .balance7), (100, .balance100)] {
      samples.add(series, try await deviation(count))
    }
    print(samples.lines, terminator: "")
  }

  /// In percent of the even share.
  private func deviation(_ count: Int) async throws -> Double {
    let ports = (0..<count).map { UInt16(20_000 + $0) }
    let events = LoneProxy.service(
      "even", at: Self.service,
      endpoints: Dictionary(uniqueKeysWithValues: ports.map { ($0, [PrivateNetwork.address]) }))
    let connections = connections
    let (_, counts) = try await LoneProxy.run([LoneProxy.node] + events, table: "bench-balance") {
      try await BlockingThread.run { try Self.count(connections, ports) }
    }
    let share = Double(connections) / Double(count)
    return counts.map { abs(Double($0) - share) / share * 100 }.max() ?? 0
  }

  /// Connects, accepts wherever it arrived, and closes by a reset, one connection after the other.
  private static func count(_ connections: Int, _ ports: [UInt16]) throws -> [Int] {
    let listeners = try ports.map { port in
      let socket = try BoundSocket.stream(address: PrivateNetwork.address.bytes, port: port)
      try socket.setNonblocking(true)
      let raw = socket.release()
      try systemCall("listen") { listen(raw, 16) }
      return raw
    }
    defer { for raw in listeners { close(raw) } }
    var polls = listeners.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var counts = [Int](repeating: 0, count: ports.count)
    for _ in 0..<connections {
      let connection = try PlainConnection(to: service)
      connection.leaveAtOnce()
      guard poll(&polls, nfds_t(polls.count), 5000) > 0, let index = polls.firstIndex(where: { $0.revents != 0 }) else {
        throw BenchError(.unexpected, "a connection to \(service) arrived nowhere")
      }
      close(try systemCall("accept") { accept(listeners[index], nil, nil) })
      counts[index] += 1
    }
    return counts
  }
}
