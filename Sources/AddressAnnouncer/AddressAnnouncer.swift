package import ClusterModel
internal import LinuxKernel
package import Logging
internal import ServiceLifecycle

/// Answers for load balancer addresses on the node's links: of all nodes one announces each.
///
/// The agents hear each other by small datagrams. Each works out for itself which addresses are its own
/// (`AnnouncementPlan`), puts them on the link they belong to and tells the link so. It is the kernel that answers ARP and
/// NDP then, not a socket of ours: nothing is lost while an agent is started anew, and IPv6 needs no groups joined by hand.
/// What that would cost otherwise is provided for: the address is leased for seconds, so that the kernel takes it away
/// where no agent comes back; nothing is sent from it (`LeasedAddress`); and the node's own ports are not to be reached at
/// it (`AddressGuard`). The Service rules translate what arrives before any of this is asked.
package final class AddressAnnouncer: Service {
  private let configuration: Configuration
  private let feed: ClusterFeed
  private let logger: Logger
  private let inbox: AnnouncerInbox

  package init(_ configuration: Configuration, feed: ClusterFeed, logger: Logger) throws {
    self.configuration = configuration
    self.feed = feed
    self.logger = logger
    inbox = try AnnouncerInbox()
  }

  /// Says that the kernel leads on what arrives for Services. A node is not chosen before, unless it had addresses already.
  package func markServicesInForce() { inbox.markServicesInForce() }

  /// Runs until the feed ends or the group shuts down. What it holds then stays for the rest of its lease, for a
  /// successor to take over.
  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await self.follow() }
        group.addTask { try await self.work() }
        // Whichever ends first ends the other.
        try await group.next()
        group.cancelAll()
        try await group.waitForAll()
      }
    }
  }

  private func follow() async {
    let subscription = feed.subscribe()
    while let update = await subscription.next() { inbox.add(update) }
  }

  /// On a thread of its own: heartbeats must not wait for a pool of threads that is busy.
  private func work() async throws {
    try await withTaskCancellationHandler {
      try await BlockingThread.run { [configuration, inbox, logger] in
        var loop = try AnnouncerLoop(configuration, inbox: inbox, logger: logger)
        try loop.run()
      }
    } onCancel: {
      inbox.stop()
    }
  }
}
