package import APIClient
package import ClusterModel
internal import Conntrack
internal import HashTreeCollections
internal import JSONTree
package import KubernetesAPI
internal import LinuxKernel
package import Logging
internal import Netlink
internal import NetworkTypes
package import PolicyPlan
internal import ServiceLifecycle
internal import Synchronization

/// Tells what policies that are tried out would have denied: it judges the flows of this node's pods that the kernel let
/// in, as if those policies were enforced, keeps count, and says so in Events of the policies.
///
/// It listens to the kernel only while a policy is tried out. Flows that are there when one begins to be are judged too.
package final class PolicyAuditor: Service {
  /// What has been found, and what is missing from it.
  package struct Report: Sendable {
    package var audited: [ObjectName] = []
    package var book = AuditBook()
    package var loss = AuditLoss()
  }

  private struct State {
    var view: AuditView
    /// All that the node's own processes may send from, looked up by the first flow after a change of the cluster, which
    /// may be a change of them too.
    var nodeAddresses: Set<IPAddress>?
    var changes = 0
    var report = Report()
  }

  private let configuration: PolicyEnforcer.Configuration
  private let feed: ClusterFeed
  private let events: EventRecorder
  private let routes: RouteSocket
  private let connection: ConntrackConnection
  private let hear: @Sendable () throws -> ConntrackEvents
  private let logger: Logger
  private let state: Mutex<State>

  /// - Parameter events: tells people; somebody else runs it.
  package convenience init(
    _ configuration: PolicyEnforcer.Configuration, feed: ClusterFeed, events: EventRecorder, logger: Logger
  ) throws {
    try self.init(configuration, feed: feed, events: events, logger: logger) {
      try ConntrackEvents(in: configuration.namespace)
    }
  }

  /// - Parameter hear: begins to listen to the kernel.
  init(
    _ configuration: PolicyEnforcer.Configuration, feed: ClusterFeed, events: EventRecorder, logger: Logger,
    hear: @escaping @Sendable () throws -> ConntrackEvents
  ) throws {
    self.configuration = configuration
    self.feed = feed
    self.events = events
    self.hear = hear
    self.logger = logger
    state = Mutex(State(view: AuditView(configuration)))
    routes = try RouteSocket(in: configuration.namespace)
    connection = try ConntrackConnection(in: configuration.namespace)
  }

  package var report: Report {
    var report = state.withLock(\.report)
    report.loss.findings = report.book.forgotten
    return report
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      let (changes, change) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
      await withDiscardingTaskGroup { group in
        group.addTask { [self] in
          let subscription = feed.subscribe()
          while let update = await subscription.next() { if take(update) { change.yield(hasAudited) } }
          change.finish()
        }
        var listening: Task<Void, Never>?
        for await isWanted in changes {
          listening?.cancel()
          await listening?.value
          listening = isWanted ? Task { [self] in await listen() } : nil
        }
        listening?.cancel()
        await listening?.value
      }
    }
  }

  private var hasAudited: Bool { state.withLock { !$0.report.audited.isEmpty } }

  /// - Returns: whether policies that are tried out have changed.
  private func take(_ update: ClusterUpdate) -> Bool {
    state.withLock { state in
      let (former, audited) = (state.view.snapshot.auditedPolicies, update.snapshot.auditedPolicies)
      state.view.apply(update)
      state.changes += 1
      state.nodeAddresses = nil
      guard update.change.policies.contains(where: { former[$0] != audited[$0] }) else { return false }
      state.report.audited = audited.keys.sorted()
      state.report.book.keep { audited[$0] != nil }
      return true
    }
  }
}

extension PolicyAuditor {
  /// Judges flows as they begin, and those that are there already, until the task is cancelled.
  private func listen() async {
    while !Task.isCancelled {
      do {
        let events = try hear()
        state.withLock { $0.report.loss.endDeafness(at: .now) }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await events.run() }
          group.addTask { [self] in
            // Heard from now on: what begins meanwhile is told, and may be in the listing too.
            var listed = try await examineTracked()
            while let batch = await events.next() {
              count(batch.loss)
              for event in batch.events where event.kind == .new && listed.remove(event.entry.flow) == nil {
                try examine(event.entry.flow)
              }
            }
          }
          // The first that fails ends the other.
          for try await _ in group {}
        }
      } catch is CancellationError {
        break
      } catch {
        state.withLock { $0.report.loss.beginDeafness("\(error)", at: .now) }
        logger.error("cannot hear of connections, so policies are not tried out: \(error)")
        // Ends with the task; what is wrong with the kernel's socket may have passed by then.
        if (try? await Task.sleep(for: configuration.checkInterval)) == nil { break }
      }
    }
    // What nobody asks for is not missing.
    state.withLock { $0.report.loss.endDeafness(at: .now) }
  }

  private func count(_ loss: EventLoss) {
    guard !loss.isEmpty else { return }
    state.withLock { state in
      state.report.loss.events += loss.total
      guard loss.uncounted > 0 else { return }
      let now = Timestamp.now
      state.report.loss.beginDeafness("the kernel did not count them", at: now)
      state.report.loss.endDeafness(at: now)
    }
  }

  /// - Returns: the flows there are.
  private func examineTracked() async throws -> Set<ConntrackFlow> {
    let (connection, families) = (connection, configuration.families)
    let flows = try await BlockingThread.run {
      try families.flatMap { family in
        try [TransportProtocol.tcp, .udp, .sctp].flatMap { try connection.flows($0, family) }
      }
    }
    // They may have been counted when they began.
    let known = report.book.findings
    for flow in flows { try examine(flow) { known[$0] == nil } }
    return Set(flows)
  }

  private func examine(_ flow: ConntrackFlow, _ isCounted: (PolicyDenial) -> Bool = { _ in true }) throws {
    let (view, nodeAddresses) = try view()
    for denial in view.denials(of: flow, nodeAddresses: nodeAddresses) where isCounted(denial) {
      let references = state.withLock { state in
        state.report.book.add(denial, at: .now)
        return denial.policies.compactMap { state.view.snapshot.auditedPolicies[$0]?.reference }
      }
      for reference in references {
        events.record(reference: reference, .warning, reason: "WouldDeny", denial.words)
      }
    }
  }

  private func view() throws -> (AuditView, nodeAddresses: Set<IPAddress>) {
    let (view, known, changes) = state.withLock { ($0.view, $0.nodeAddresses, $0.changes) }
    if let known { return (view, known) }
    let addresses = Set(try routes.addresses().map(\.address))
    // Where the cluster has changed meanwhile the next flow looks again.
    state.withLock { state in if state.changes == changes { state.nodeAddresses = addresses } }
    return (view, addresses)
  }
}

extension NetworkPolicyModel {
  /// Of the object, as Events name it.
  fileprivate var reference: JSON {
    [
      "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "namespace": .string(name.namespace),
      "name": .string(name.name), "uid": .string(uid),
    ]
  }
}
