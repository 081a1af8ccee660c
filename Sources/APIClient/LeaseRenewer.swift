package import JSONTree
package import KubernetesAPI
package import Logging
import ServiceLifecycle

/// Keeps a Lease in one holder's name by renewing it, as a node does to say that it lives.
package final class LeaseRenewer: Service {
  package struct Configuration: Sendable {
    package var name: ObjectName
    package var holder: String
    package var duration = Duration.seconds(40)
    package var interval = Duration.seconds(10)
    /// The object that owns the Lease, asked for when the Lease is made; the Lease goes with it.
    package var owner: (@Sendable () async -> JSON?)?
    package var clock: any Clock<Duration> = ContinuousClock()
    /// Annotations the Lease has to carry, asked for at each renewal.
    package var annotations: (@Sendable () -> [String: String])?
    /// Each element renews the Lease at once, in no quicker succession than ``shortestInterval``.
    package var news: AsyncStream<Void>?
    package var shortestInterval = Duration.milliseconds(100)

    package init(name: ObjectName, holder: String) {
      self.name = name
      self.holder = holder
    }
  }

  private let client: APIClient
  private let configuration: Configuration
  private let logger: Logger

  package init(client: APIClient, configuration: Configuration, logger: Logger) {
    self.client = client
    self.configuration = configuration
    self.logger = logger
  }

  /// Renews until the task is cancelled or shutdown begins. The Lease then runs out by itself.
  package func run() async {
    await cancelWhenGracefulShutdown { await self.renewRepeatedly() }
  }

  private func renewRepeatedly() async {
    let (ticks, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [configuration] in
        // Ends with the sleep that is cancelled.
        repeat { tick.yield() } while (try? await configuration.clock.sleep(for: configuration.interval)) != nil
      }
      if let news = configuration.news {
        group.addTask { for await _ in news { tick.yield() } }
      }
      group.addTask { await self.renew(at: ticks) }
      await group.waitForAll()
    }
  }

  /// One renewal after the other, so that none is in another's way.
  private func renew(at ticks: AsyncStream<Void>) async {
    var backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(2))
    var lease: JSON?
    for await _ in ticks {
      var isRenewed = false
      while !isRenewed, !Task.isCancelled {
        do {
          lease = try await renew(lease)
          isRenewed = true
          backoff.reset()
        } catch {
          lease = nil
          guard !Task.isCancelled else { return }
          logger.warning("cannot renew the lease, trying again", metadata: ["error": "\(error)"])
        }
        // Where the sleep is cancelled, so is all of this.
        try? await configuration.clock.sleep(for: isRenewed ? configuration.shortestInterval : backoff.next())
      }
    }
  }

  /// Writes what is known without reading it first; a conflict makes the next round read.
  private func renew(_ known: JSON?) async throws -> JSON {
    let name = configuration.name
    let current: JSON?
    if let known {
      current = known
    } else {
      current = try await client.find(.leases, namespace: name.namespace, name: name.name)
    }
    var lease = current ?? ["metadata": ["name": .string(name.name), "namespace": .string(name.namespace)]]
    let now = Timestamp.now.microText
    if lease.spec["holderIdentity"]?.string != configuration.holder {
      lease[path: "spec", "acquireTime"] = .string(now)
    }
    lease[path: "spec", "holderIdentity"] = .string(configuration.holder)
    lease[path: "spec", "leaseDurationSeconds"] = .int(configuration.duration.components.seconds)
    lease[path: "spec", "renewTime"] = .string(now)
    for (key, value) in configuration.annotations?() ?? [:] {
      lease[path: "metadata", "annotations", key] = .string(value)
    }
    if lease.ownerReferences.isEmpty, let owner = await configuration.owner?() {
      lease[path: "metadata", "ownerReferences"] = [owner.ownerReference(isController: false, blocksDeletion: false)]
    }
    if current == nil { return try await client.create(.leases, lease) }
    return try await client.update(.leases, lease)
  }
}
