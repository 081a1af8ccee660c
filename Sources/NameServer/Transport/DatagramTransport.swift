import LinuxKernel
import Logging
import NamePlan

/// Answers over UDP on one socket, on a thread of its own: what the index knows goes out in the batch it came in with,
/// the rest when the forwarder is done.
final class DatagramTransport: Sendable {
  /// Room for one datagram; a longer query is none.
  private static let capacity = 1536
  private let owned: OwnedSocket
  private let wake: Pipe
  private let table: NameTable
  private let configuration: NameServer.Configuration
  private let forwarder: Forwarder
  private let metrics: NameServerMetrics
  private let logger: Logger

  init(
    socket: OwnedSocket, table: NameTable, configuration: NameServer.Configuration,
    forwarder: Forwarder, metrics: NameServerMetrics, logger: Logger
  ) throws {
    owned = socket
    wake = try Pipe()
    self.table = table
    self.configuration = configuration
    self.forwarder = forwarder
    self.metrics = metrics
    self.logger = logger
    try BoundSocket.setReceiveBuffer(socket.descriptor, bytes: 4 << 20)
    try BoundSocket.requestLocalAddresses(socket.descriptor)
  }

  /// Serves until the task is cancelled. Queries that wait then stay in the socket, for whoever holds it next.
  func run() async throws {
    try await withTaskCancellationHandler {
      try await BlockingThread.run { try self.serve() }
    } onCancel: {
      // The thread waits on the pipe's other end, which lives as long as this object.
      try? wake.write([1])
    }
  }

  private func serve() throws {
    let batch = DatagramBatch(capacity: Self.capacity)
    let responder = Responder(table: table, zone: configuration.names.zone)
    while true {
      let ready = try Readiness.wait(owned.descriptor, wake.read)
      if ready.second { return }
      guard ready.first else { continue }
      let count: Int
      do {
        count = try batch.receive(from: owned.descriptor)
      } catch {
        // An error of an earlier datagram (a client that is gone) or of memory: the socket itself is fine.
        logger.debug("receiving queries failed", metadata: ["error": "\(error)"])
        continue
      }
      responder.refresh()
      for index in 0..<count { answer(index, of: batch, responder) }
      batch.sendAnswers(to: owned.descriptor)
      metrics.add(&responder.counted)
    }
  }

  private func answer(_ index: Int, of batch: DatagramBatch, _ responder: Responder) {
    switch responder.respond(to: batch.request(index), in: batch.reply, streamed: false) {
    case .reply(let length): batch.answer(index, length: length)
    case .drop: break
    case .ask(let inquiry):
      let sender = batch.returnAddress(index)
      forwarder.ask(inquiry) { [self] reply in sender.send(reply, on: owned.descriptor) }
    }
  }
}
