import KubernetesAPI

/// What a log request asks for (`PodLogOptions`).
struct LogOptions: Sendable, Hashable {
  var follow = false
  var previous = false
  var timestamps = false
  var tailLines: Int?
  var limitBytes: Int?
  var since: Timestamp?
  /// `Stdout` or `Stderr`; both where `nil`.
  var stream: String?

  init(_ query: [String: [String]], now: Timestamp) throws(NodeAgentError) {
    func flag(_ name: String) -> Bool {
      guard let value = query[name]?.last else { return false }
      return value.lowercased() != "false" && value != "0"
    }
    follow = flag("follow")
    previous = flag("previous")
    timestamps = flag("timestamps")
    tailLines = try Self.number("tailLines", query, minimum: 0)
    limitBytes = try Self.number("limitBytes", query, minimum: 1)
    if let seconds = try Self.number("sinceSeconds", query, minimum: 1) {
      since = now + .zero - .seconds(seconds)
    } else if let text = query["sinceTime"]?.last {
      guard let time = Timestamp(text) else {
        throw NodeAgentError(.badRequest, "sinceTime \"\(text)\" is no RFC 3339 time")
      }
      since = time
    }
    stream = query["stream"]?.last.flatMap { $0 == "All" ? nil : $0 }
  }

  private static func number(
    _ name: String, _ query: [String: [String]], minimum: Int
  ) throws(NodeAgentError) -> Int? {
    guard let text = query[name]?.last else { return nil }
    guard let value = Int(text), value >= minimum else {
      throw NodeAgentError(.badRequest, "\(name) must be a number of at least \(minimum), not \"\(text)\"")
    }
    return value
  }
}
