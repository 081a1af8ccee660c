import APIClient
import ClusterModel
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle
import Synchronization

/// Keeps a ``ClusterFeed`` at the API's state: one informer for each kind the model is made of.
///
/// Pods are followed on all nodes: policies speak of them by their labels.
final class ModelFollower: Service {
  let feed = ClusterFeed()
  private let informers: [Informer]
  private let unsynced = Mutex(Set(ClusterEvent.kinds))

  init(client: APIClient, logger: Logger) {
    informers = ClusterEvent.kinds.map { kind in
      // The model is made of each event as it comes; of objects it made nothing of, nobody asks again.
      var configuration = InformerConfiguration(retention: .references)
      configuration.transform = nil
      // A node that comes up while the server is away answers for no name before it has found it.
      configuration.backoff = Backoff(maximum: .seconds(1))
      return Informer(client: client, kind: kind, configuration: configuration, logger: logger)
    }
  }

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      for informer in informers {
        let events = informer.subscribe()
        group.addTask { await informer.run() }
        group.addTask { [self] in
          for await event in events { take(event, kind: informer.kind) }
        }
      }
      await group.waitForAll()
    }
    feed.finish()
  }

  /// An informer says `synced` behind all that it listed, so the model is whole once each has said so.
  private func take(_ event: InformerEvent, kind: ResourceKind) {
    if case .synced = event {
      let isWhole = unsynced.withLock { kinds in
        kinds.remove(kind)
        return kinds.isEmpty
      }
      if isWhole { feed.markSynced() }
    } else {
      feed.apply(Self.changes(event, kind: kind))
    }
  }

  private static func changes(_ event: InformerEvent, kind: ResourceKind) -> [ClusterEvent] {
    switch event {
    case .added(let object), .updated(_, let object):
      ClusterEvent(kind: kind, object: object, isRemoved: false).map { [$0] } ?? []
    case .deleted(let object): ClusterEvent(kind: kind, object: object, isRemoved: true).map { [$0] } ?? []
    case .synced: []
    }
  }
}
