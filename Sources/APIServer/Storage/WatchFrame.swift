import JSONTree
import NIOCore

/// The lines of a watch: `{"type":…,"object":…}`.
enum WatchFrame {
  static func event(_ type: String, _ object: [UInt8]) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: object.count + type.utf8.count + 24)
    buffer.writeStaticString("{\"type\":\"")
    buffer.writeString(type)
    buffer.writeStaticString("\",\"object\":")
    buffer.writeBytes(object)
    buffer.writeStaticString("}\n")
    return buffer
  }

  static func error(_ status: APIStatus) -> ByteBuffer { event("ERROR", status.json.encoded()) }

  /// A bookmark's object: nothing before `revision` will come any more. `endsInitialEvents` marks the end of the initial list.
  static func bookmark(apiVersion: String, kind: String, revision: Int64, endsInitialEvents: Bool) -> [UInt8] {
    var metadata: JSON = ["resourceVersion": .string(String(revision)), "creationTimestamp": .null]
    if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    let object: JSON = ["kind": .string(kind), "apiVersion": .string(apiVersion), "metadata": metadata]
    return object.encoded()
  }

  /// The object's text under another revision.
  static func restamped(_ object: CachedObject, revision: Int64) -> [UInt8] {
    guard var tree = try? object.tree() else { return object.encoded }
    tree[path: "metadata", "resourceVersion"] = .string(String(revision))
    return tree.encoded()
  }
}
