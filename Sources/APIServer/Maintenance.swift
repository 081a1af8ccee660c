import JSONTree
import KubernetesAPI
import Logging
import NIOCore

/// What the server does by the clock: ends watches, sends bookmarks, refuses who waits too long,
/// forgets events and history.
struct Maintenance: Sendable {
  let handler: RequestHandler
  let interval: Duration
  let logger: Logger

  private static let tick = Duration.seconds(1)
  private static let ticksBetweenBookmarks = 60
  private static let ticksBetweenExpiries = 30
  /// Events are kept for an hour, as upstream keeps them.
  private static let eventLifetime = Duration.seconds(3600)

  private var registry: Registry { handler.configuration.registry }

  func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await keepTime() }
      group.addTask { await cleanUp() }
    }
  }

  /// What somebody waits for.
  private func keepTime() async {
    var ticks = 0
    // A sleep fails where the server ends.
    while (try? await Task.sleep(for: Self.tick)) != nil {
      ticks += 1
      handler.flow.expire()
      let now = NIODeadline.now()
      for cache in registry.allCaches {
        cache.endWatches(before: now)
        if ticks % Self.ticksBetweenBookmarks == 0 { cache.sendBookmarks() }
      }
    }
  }

  /// What takes its time.
  private func cleanUp() async {
    let clock = ContinuousClock()
    var lastCompaction = clock.now
    var compactionRevision: Int64 = 0
    var ticks = 0
    // A sleep fails where the server ends.
    while (try? await clock.sleep(for: Self.tick)) != nil {
      ticks += 1
      if ticks % Self.ticksBetweenExpiries == 0 { await expireEvents() }
      if clock.now - lastCompaction >= interval {
        lastCompaction = clock.now
        // What was current an interval ago goes now, so that a watch may lag at least that long.
        await compact(through: compactionRevision)
        compactionRevision = (try? registry.cache(of: .namespaces).view.revision) ?? 0
      }
    }
  }

  private func compact(through revision: Int64) async {
    guard revision > 0 else { return }
    do {
      try await registry.compact(through: revision)
    } catch {
      logger.warning("compacting the store failed", metadata: ["error": "\(error)"])
    }
  }

  private func expireEvents() async {
    guard let view = try? registry.cache(of: .coreEvents).view else { return }
    let limit = (Timestamp.now - Self.eventLifetime).description
    for event in view.objects {
      guard let tree = try? event.tree() else { continue }
      let last = tree["lastTimestamp"]?.string ?? tree["eventTime"]?.string ?? tree.creationTimestamp ?? limit
      // RFC 3339 texts in UTC sort by time.
      guard last < limit else { continue }
      _ = try? await registry.remove(.coreEvents, tree, at: event.revision)
    }
  }
}
