import NIOCore

/// What watchers are sent of one change: each frame is made once, for whoever wants it first, and shared by all.
///
/// It lives no longer than the change is being told. Who begins to watch in the past has frames of his own made: kept with
/// every change that is remembered, they would be as large as the objects.
struct ChangeFrames {
  let change: CachedChange
  private var frames: [(type: CachedChange.EventType, protobufVersion: String?, frame: ByteBuffer)] = []

  init(_ change: CachedChange) { self.change = change }

  /// The event in the form that `rendering` makes; in plain JSON where there is none.
  mutating func frame(_ type: CachedChange.EventType, _ rendering: WatchRendering?) -> ByteBuffer {
    if let rendering, !rendering.isShared { return rendering.event(type.rawValue, change.body(type)) }
    // What is shared and not plain is protobuf, by the API version it is shown in.
    let version = rendering?.apiVersion
    for made in frames where made.type == type && made.protobufVersion == version { return made.frame }
    let body = change.body(type)
    let frame = rendering?.event(type.rawValue, body) ?? WatchFrame.event(type.rawValue, body)
    frames.append((type, version, frame))
    return frame
  }
}
