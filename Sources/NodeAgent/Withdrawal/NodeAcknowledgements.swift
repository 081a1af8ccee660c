import APIClient
import JSONTree
import KubernetesAPI
import Logging

/// How far each node has put withdrawals of endpoints in force, as its Lease says. Leases are followed only while
/// somebody waits: every node renews its own every few seconds, which is of no interest else.
actor NodeAcknowledgements {
  /// On a node's Lease: the resource version of the last withdrawal that its network has in force.
  static let annotation = "switchboard.dev/withdrawals-in-force"

  private let client: APIClient
  private let now: @Sendable () -> Timestamp
  private let logger: Logger
  private var following: (informer: Informer, task: Task<Void, Never>)?
  private var waiters = 0

  init(client: APIClient, now: @escaping @Sendable () -> Timestamp, logger: Logger) {
    self.client = client
    self.now = now
    self.logger = logger
  }

  /// Returns once no live node sends to what was withdrawn up to `revision`, or the task is cancelled.
  func wait(for revision: UInt64) async {
    waiters += 1
    defer { leave() }
    let informer = follow()
    // Unknown until all Leases are: one that is missing would not be missed.
    var awaited: Set<ObjectName>?
    for await event in informer.subscribe() {
      switch event {
      case .synced:
        awaited = Set(informer.list().filter { !Self.permits($0, revision, at: now()) }.map(\.objectName))
      case .added(let lease), .updated(_, let lease):
        if Self.permits(lease, revision, at: now()) {
          awaited?.remove(lease.objectName)
        } else {
          awaited?.insert(lease.objectName)
        }
      case .deleted(let lease): awaited?.remove(lease.objectName)
      }
      if awaited?.isEmpty == true { return }
    }
  }

  /// Whether a node need not be waited for: it has the revision in force, it is dead, or no network of ours is on it.
  static func permits(_ lease: JSON, _ revision: UInt64, at now: Timestamp) -> Bool {
    guard let text = lease.annotations[annotation], let acknowledged = UInt64(text) else { return true }
    guard acknowledged < revision else { return true }
    guard let renewal = lease.spec["renewTime"]?.string.flatMap({ Timestamp($0) }) else { return true }
    return renewal + .seconds(lease.spec["leaseDurationSeconds"]?.int ?? 40) < now
  }

  private func follow() -> Informer {
    if let following { return following.informer }
    let informer = Informer(
      client: client, kind: .leases, configuration: InformerConfiguration(namespace: "kube-node-lease"), logger: logger)
    // Cancelled when the last who waits has gone.
    following = (informer, Task { await informer.run() })
    return informer
  }

  private func leave() {
    waiters -= 1
    guard waiters == 0 else { return }
    following?.task.cancel()
    following = nil
  }
}
