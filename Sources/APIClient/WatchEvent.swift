package import JSONTree
import KubernetesAPI

/// One line of a watch.
package enum WatchEvent: Sendable {
  case added(JSON)
  case modified(JSON)
  /// With the object as it was last, and the resource version of the deletion.
  case deleted(JSON)
  /// Nothing changed up to this resource version.
  case bookmark(resourceVersion: String)

  /// Reads one line's tree. Throws ``APIError`` for an `ERROR` event and for what is no event.
  package init(_ line: JSON) throws {
    guard let type = line["type"]?.string, let object = line["object"] else {
      throw APIError(.malformedAnswer, "a watch sent a line that is no event; is the address that of an API server?")
    }
    switch type {
    case "ADDED": self = .added(object)
    case "MODIFIED": self = .modified(object)
    case "DELETED": self = .deleted(object)
    case "BOOKMARK": self = .bookmark(resourceVersion: object.resourceVersion)
    case "ERROR": throw APIError(status: object)
    default: throw APIError(.malformedAnswer, "a watch sent an event of the unknown type \"\(type)\"")
    }
  }

  package var resourceVersion: String {
    switch self {
    case .added(let object), .modified(let object), .deleted(let object): object.resourceVersion
    case .bookmark(let resourceVersion): resourceVersion
    }
  }
}

/// The events of a watch, in order. Ends where the server ends the watch; throws ``APIError`` where it fails.
package struct WatchEvents: AsyncSequence, Sendable {
  package typealias Element = WatchEvent
  let body: AsyncThrowingStream<[UInt8], any Error>

  package func makeAsyncIterator() -> Iterator { Iterator(body: body.makeAsyncIterator()) }

  package struct Iterator: AsyncIteratorProtocol {
    var body: AsyncThrowingStream<[UInt8], any Error>.Iterator
    var lines = LineSplitter()

    package mutating func next() async throws -> WatchEvent? {
      while true {
        if let line = lines.next() { return try WatchEvent(parse(line)) }
        guard let bytes = try await body.next() else {
          // Cancellation ends an AsyncThrowingStream without an error.
          try Task.checkCancellation()
          return nil
        }
        lines.append(bytes)
      }
    }

    private func parse(_ line: ArraySlice<UInt8>) throws -> JSON {
      do {
        return try line.withUnsafeBufferPointer { try JSON.parse($0) }
      } catch {
        throw APIError(.malformedAnswer, "a watch sent a line that is not JSON", cause: error)
      }
    }
  }
}

/// Cuts a stream of bytes into lines.
package struct LineSplitter {
  private var bytes: [UInt8] = []
  private var position = 0
  /// Up to here no line end was found.
  private var searched = 0

  package init() {}

  package mutating func append(_ more: [UInt8]) {
    if position == bytes.count {
      bytes = more
      searched = 0
    } else {
      bytes.removeFirst(position)
      searched -= position
      bytes += more
    }
    position = 0
  }

  /// The next whole line, without its end; `nil` until more bytes come. Empty lines are skipped.
  package mutating func next() -> ArraySlice<UInt8>? {
    while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[position..<end]
      position = end + 1
      searched = position
      if !line.isEmpty { return line }
    }
    searched = bytes.count
    return nil
  }
}
