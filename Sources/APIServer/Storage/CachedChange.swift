import NIOConcurrencyHelpers
import NIOCore

/// One change to an object, with the frames watchers are sent: each is made once and shared by all of them.
final class CachedChange: Sendable {
  enum EventType: String, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  let revision: Int64
  /// The object after the change; of a deletion its last state, under the deletion's revision.
  let object: CachedObject
  let previous: CachedObject?
  let isDeletion: Bool
  private let frames = NIOLockedValueBox<[EventType: ByteBuffer]>([:])
  /// The same in protobuf, by the API version they are shown in.
  private let protobufFrames = NIOLockedValueBox<[ProtobufFrame: ByteBuffer]>([:])

  private struct ProtobufFrame: Hashable {
    let type: EventType
    let apiVersion: String
  }

  init(object: CachedObject, previous: CachedObject?, isDeletion: Bool) {
    revision = object.revision
    self.object = object
    self.previous = previous
    self.isDeletion = isDeletion
  }

  /// What a watcher of `selection` is told: objects that enter it are added, those that leave it are deleted.
  func eventType(for selection: Selection) -> EventType? {
    let was = previous.map(selection.contains) ?? false
    let isIn = !isDeletion && selection.contains(object)
    switch (was, isIn) {
    case (false, true): return .added
    case (true, true): return .modified
    case (true, false): return .deleted
    case (false, false): return nil
    }
  }

  /// The text of the event. An object that leaves a selection is shown as it was, under the change's revision.
  func frame(_ type: EventType) -> ByteBuffer {
    frames.withLockedValue { frames in
      if let frame = frames[type] { return frame }
      let frame = WatchFrame.event(type.rawValue, body(type))
      frames[type] = frame
      return frame
    }
  }

  /// The event in protobuf.
  func frame(_ type: EventType, _ rendering: WatchRendering) -> ByteBuffer {
    let key = ProtobufFrame(type: type, apiVersion: rendering.apiVersion)
    return protobufFrames.withLockedValue { frames in
      if let frame = frames[key] { return frame }
      let frame = rendering.event(type.rawValue, body(type))
      frames[key] = frame
      return frame
    }
  }

  /// The object the event shows.
  func body(_ type: EventType) -> [UInt8] {
    guard type == .deleted, !isDeletion, let previous else { return object.encoded }
    return WatchFrame.restamped(previous, revision: revision)
  }
}
