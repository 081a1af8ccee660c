import JSONTree
import KubernetesAPI

/// Keeps events few, as upstream's clients do: an object is heard of so and so often, and what is said of it again and again
/// in ever other words is said once. A value without I/O.
struct EventCorrelator {
  /// What an Event in the API stands for.
  struct Key: Hashable {
    let object: JSON
    let kind: EventRecorder.Kind
    let reason: String
    /// `nil` where it stands for many.
    let message: String?
  }

  private struct Similar {
    var messages: Set<String> = []
    var last: Timestamp
  }

  private struct Allowance {
    var left: Double
    var since: Timestamp
  }

  /// So many messages of one sort are told as they are.
  static let distinctMessages = 10
  /// After this long without one they are counted anew.
  static let similarFor = Duration.seconds(600)
  /// So many events of one object are sent at once, and one more every so often.
  static let burst = 25.0
  static let refill = Duration.seconds(300)
  private static let limit = 4096

  private var similar: [Key: Similar] = [:]
  private var allowances: [JSON: Allowance] = [:]

  /// The Event by which something is to be told, and with which words.
  mutating func correlate(_ said: Key, at now: Timestamp) -> (key: Key, message: String) {
    let message = said.message ?? ""
    let sort = Key(object: Self.whole(said.object), kind: said.kind, reason: said.reason, message: nil)
    if similar.count > Self.limit { similar = [:] }
    var known = similar[sort] ?? Similar(last: now)
    if now - known.last > Self.similarFor { known.messages = [] }
    known.last = now
    let isOneTooMany = !known.messages.contains(message) && known.messages.count >= Self.distinctMessages
    if !isOneTooMany { known.messages.insert(message) }
    similar[sort] = known
    return isOneTooMany ? (sort, "(combined from similar events): \(message)") : (said, message)
  }

  /// Whether one more event of the object may be sent.
  mutating func allows(_ object: JSON, at now: Timestamp) -> Bool {
    let object = Self.whole(object)
    if allowances.count > Self.limit { allowances = [:] }
    var allowance = allowances[object] ?? Allowance(left: Self.burst, since: now)
    allowance.left = min(Self.burst, allowance.left + (now - allowance.since) / Self.refill)
    allowance.since = now
    defer { allowances[object] = allowance }
    guard allowance.left >= 1 else { return false }
    allowance.left -= 1
    return true
  }

  /// The object itself where one of its parts is meant.
  private static func whole(_ object: JSON) -> JSON {
    var object = object
    object["fieldPath"] = nil
    return object
  }
}
