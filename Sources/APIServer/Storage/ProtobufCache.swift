import JSONTree
import KubernetesAPI
import NIOConcurrencyHelpers

/// The protobuf form of objects that were lately asked for in it, so that many readers of an object cost one encoding.
/// Bounded: objects are kept as JSON, and this is what is spent on top.
final class ProtobufCache: Sendable {
  private struct Key: Hashable {
    let apiVersion: String
    let key: String
  }

  private struct Entry {
    let revision: Int64
    let body: [UInt8]
  }

  /// Two generations: what is read moves to the young one, and the old one is dropped as a whole.
  private struct State {
    var young: [Key: Entry] = [:]
    var old: [Key: Entry] = [:]
    var youngBytes = 0
  }

  private static let maximumYoungBytes = 4 << 20

  private let state = NIOLockedValueBox(State())
  private let encoder = ProtobufEncoder()

  /// The object's message, without an envelope.
  func body(of object: CachedObject, kind: ResourceKind) throws(APIStatus) -> [UInt8] {
    let key = Key(apiVersion: kind.apiVersion, key: object.key)
    let found = state.withLockedValue { state -> [UInt8]? in
      if let entry = state.young[key], entry.revision == object.revision { return entry.body }
      guard let entry = state.old[key], entry.revision == object.revision else { return nil }
      Self.keep(entry, key, in: &state)
      return entry.body
    }
    if let found { return found }
    guard let schema = SchemaRegistry.shared.schema(for: kind), let body = try encoder.body(object.tree(), schema)
    else { throw .internalError("\(kind.kind) has no protobuf form") }
    state.withLockedValue { Self.keep(Entry(revision: object.revision, body: body), key, in: &$0) }
    return body
  }

  private static func keep(_ entry: Entry, _ key: Key, in state: inout State) {
    if let replaced = state.young.updateValue(entry, forKey: key) { state.youngBytes -= cost(replaced) }
    state.youngBytes += cost(entry)
    guard state.youngBytes > maximumYoungBytes else { return }
    state.old = state.young
    state.young = [:]
    state.youngBytes = 0
  }

  /// Bytes with what the tables around them take.
  private static func cost(_ entry: Entry) -> Int { entry.body.count + 256 }
}
