package import Logging
import ServiceLifecycle

/// The shape of every controller: changes of some kinds become keys, keys are worked on one by one once everything
/// that is followed has been read.
package final class Reconciler<Key: Hashable & Sendable>: Service {
  /// An informer, and the keys that its events concern. Called in order, also before all is synced.
  package struct Source: Sendable {
    let informer: Informer
    let keys: @Sendable (InformerEvent) -> [Key]

    package init(_ informer: Informer, keys: @escaping @Sendable (InformerEvent) -> [Key]) {
      self.informer = informer
      self.keys = keys
    }
  }

  package let queue: WorkQueue<Key>
  private let name: String
  private let sources: [Source]
  private let workers: Int
  private let logger: Logger
  private let sync: @Sendable (Key) async throws -> Duration?

  /// - Parameter sync: brings one key's matters into order; returns after what time to look again, if at all.
  package init(
    _ name: String, sources: [Source], queue: WorkQueue<Key> = WorkQueue(), workers: Int = 4, logger: Logger,
    sync: @escaping @Sendable (Key) async throws -> Duration?
  ) {
    self.name = name
    self.sources = sources
    self.queue = queue
    self.workers = workers
    var logger = logger
    logger[metadataKey: "controller"] = .string(name)
    self.logger = logger
    self.sync = sync
  }

  /// ``run()``, with a recorder beside it that sends what is recorded meanwhile.
  package func run(with recorder: EventRecorder) async {
    await withDiscardingTaskGroup { group in
      group.addTask { await recorder.run() }
      group.addTask { await self.run() }
    }
  }

  /// Works until the task is cancelled or shutdown begins.
  package func run() async {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        let gates = self.sources.map { _ in Gate() }
        for (source, gate) in zip(self.sources, gates) {
          group.addTask {
            for await event in source.informer.subscribe() {
              for key in source.keys(event) { self.queue.add(key) }
              if case .synced = event { gate.open() }
            }
          }
        }
        // The sources' closures may keep state of their own: it must be whole before the first key is worked on.
        // Waiting throws only where the task is cancelled, and then the queue's run ends at once as well.
        for gate in gates { try? await gate.wait() }
        await self.queue.run(workers: self.workers, work: self.sync) { key, error in
          let level: Logger.Level = error.isConflict || error.isNotFound ? .debug : .warning
          self.logger.log(
            level: level, "a sync failed, trying again", metadata: ["key": "\(key)", "error": "\(error)"])
        }
      }
    }
  }
}
