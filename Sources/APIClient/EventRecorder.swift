package import JSONTree
package import KubernetesAPI
package import Logging
import ServiceLifecycle

/// Tells people what happened to an object, as core/v1 Events. The same message again raises the count of the Event
/// that is there; what is said too often is not told (``EventCorrelator``).
package final class EventRecorder: Service {
  package enum Kind: String, Sendable, Hashable {
    case normal = "Normal"
    case warning = "Warning"
  }

  private struct Occurrence: Sendable {
    let object: JSON
    let kind: Kind
    let reason: String
    let message: String
  }

  private struct Known {
    let name: ObjectName
    var count: Int64
  }

  private let client: APIClient
  private let component: String
  private let host: String
  private let logger: Logger
  private let now: @Sendable () -> Timestamp
  private let occurrences: AsyncStream<Occurrence>
  private let intake: AsyncStream<Occurrence>.Continuation
  private static let knownLimit = 4096

  /// - Parameters:
  ///   - component: who speaks: `deployment-controller`, `kubelet`.
  ///   - host: the node, where the speaker belongs to one.
  package init(
    client: APIClient, component: String, host: String = "", logger: Logger,
    now: @escaping @Sendable () -> Timestamp = { .now }
  ) {
    self.client = client.named(component)
    self.component = component
    self.host = host
    self.logger = logger
    self.now = now
    // Where the server is away for long, the oldest of what piles up is worth least.
    (occurrences, intake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1000))
  }

  /// Returns at once; ``run()`` sends.
  package func record(_ object: JSON, _ kind: Kind, reason: String, _ message: String) {
    var reference: JSON = [
      "kind": .string(object.kind), "namespace": .string(object.namespace), "name": .string(object.name),
      "uid": .string(object.uid), "apiVersion": .string(object.apiVersion),
      "resourceVersion": .string(object.resourceVersion),
    ]
    for key in ["namespace", "resourceVersion"] where reference[key]?.string == "" { reference[key] = nil }
    record(reference: reference, kind, reason: reason, message)
  }

  /// For an object of which only a reference is known (core/v1 `ObjectReference`, with `fieldPath` where one part of
  /// the object is meant).
  package func record(reference: JSON, _ kind: Kind, reason: String, _ message: String) {
    intake.yield(Occurrence(object: reference, kind: kind, reason: reason, message: String(message.prefix(1024))))
  }

  /// Sends what is recorded until the task is cancelled or shutdown begins.
  package func run() async {
    await cancelWhenGracefulShutdown {
      var known: [EventCorrelator.Key: Known] = [:]
      var correlator = EventCorrelator()
      for await occurrence in self.occurrences {
        let time = self.now()
        var object = occurrence.object
        object["resourceVersion"] = nil
        let (key, message) = correlator.correlate(
          EventCorrelator.Key(
            object: object, kind: occurrence.kind, reason: occurrence.reason, message: occurrence.message), at: time)
        if known.count > Self.knownLimit { known = [:] }
        guard correlator.allows(object, at: time) else {
          known[key]?.count += 1
          continue
        }
        do {
          known[key] = try await self.send(occurrence, message, known: known[key], time)
        } catch is CancellationError {
          return
        } catch {
          self.logger.debug("an Event was not recorded", metadata: ["error": "\(error)"])
        }
      }
    }
  }

  private func send(
    _ occurrence: Occurrence, _ message: String, known: Known?, _ time: Timestamp
  ) async throws -> Known {
    if let known {
      let patch: JSON = [
        "count": .int(known.count + 1), "message": .string(message), "lastTimestamp": .string(time.description),
      ]
      do {
        _ = try await client.patch(.coreEvents, namespace: known.name.namespace, name: known.name.name, patch)
        return Known(name: known.name, count: known.count + 1)
      } catch let error as APIError where error.isNotFound {
        // The Event has expired: tell it anew.
      }
    }
    let namespace = occurrence.object["namespace"]?.string ?? ""
    let event = makeEvent(occurrence, message, namespace: namespace.isEmpty ? "default" : namespace, time)
    _ = try await client.create(.coreEvents, event)
    return Known(name: event.objectName, count: 1)
  }

  private func makeEvent(
    _ occurrence: Occurrence, _ message: String, namespace: String, _ time: Timestamp
  ) -> JSON {
    let nanoseconds = UInt64(time.seconds) * 1_000_000_000 + UInt64(time.nanoseconds)
    let subject = occurrence.object["name"]?.string ?? ""
    var source: JSON = ["component": .string(component)]
    if !host.isEmpty { source["host"] = .string(host) }
    return [
      "apiVersion": "v1", "kind": "Event",
      "metadata": [
        "name": .string("\(subject).\(String(nanoseconds, radix: 16))"), "namespace": .string(namespace),
      ],
      "involvedObject": occurrence.object, "reason": .string(occurrence.reason),
      "message": .string(message), "source": source, "type": .string(occurrence.kind.rawValue),
      "count": 1, "firstTimestamp": .string(time.description), "lastTimestamp": .string(time.description),
      "eventTime": .null, "reportingComponent": .string(component), "reportingInstance": .string(host),
    ]
  }
}
