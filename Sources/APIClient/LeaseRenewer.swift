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
    var backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(2))
    var lease: JSON?
    while !Task.isCancelled {
      do {
        lease = try await renew(lease)
        backoff.reset()
        try await configuration.clock.sleep(for: configuration.interval)
      } catch is CancellationError {
        return
      } catch {
        lease = nil
        logger.warning("cannot renew the lease, trying again", metadata: ["error": "\(error)"])
        try? await configuration.clock.sleep(for: backoff.next())
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
    if lease.ownerReferences.isEmpty, let owner = await configuration.owner?() {
      lease[path: "metadata", "ownerReferences"] = [owner.ownerReference(isController: false, blocksDeletion: false)]
    }
    if current == nil { return try await client.create(.leases, lease) }
    return try await client.update(.leases, lease)
  }
}
