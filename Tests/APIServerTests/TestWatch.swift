import APIServer
import JSONTree
import KubernetesAPI
import NIOCore

/// The events of a watch, one after the other.
final class TestWatch {
  struct Event: CustomStringConvertible {
    let type: String
    let object: JSON

    /// `ADDED web`.
    var description: String { "\(type) \(object.name)" }
  }

  private let stream: any ResponseStream
  private var events: [Event] = []

  /// An event is there at once or never; this only ends a test that would hang.
  private static let patience = Duration.seconds(10)

  init(_ stream: any ResponseStream) { self.stream = stream }

  deinit { stream.cancel() }

  /// The next event; `nil` at the end of the watch.
  func next() async throws -> Event? {
    while events.isEmpty {
      guard let text = try await Self.part(of: stream) else { return nil }
      for line in text.split(separator: "\n") {
        let frame = try JSON.parse(String(line))
        events.append(Event(type: frame["type"]?.string ?? "", object: frame["object"] ?? [:]))
      }
    }
    return events.removeFirst()
  }

  private static func part(of stream: any ResponseStream) async throws -> String? {
    let guardian = Task {
      try await Task.sleep(for: patience)
      stream.cancel()
    }
    defer { guardian.cancel() }
    return try await stream.next().map { String(buffer: $0) }
  }

  /// The next events as `TYPE NAME`.
  func next(_ count: Int) async throws -> [String] {
    var texts: [String] = []
    while texts.count < count, let event = try await next() { texts.append(event.description) }
    return texts
  }

  func cancel() { stream.cancel() }

  /// Ends the watch, whichever thread calls it.
  var canceller: @Sendable () -> Void { { [stream] in stream.cancel() } }
}
