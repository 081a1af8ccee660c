import KubernetesAPI
import NIOConcurrencyHelpers
package import NIOCore

/// One client's watch: frames wait here until the transport takes them.
///
/// A client that falls more than a bound behind is cut off, as upstream does: it lists and watches again.
///
/// Those who send hold the cache's lock, so that no watcher sees changes in another order, and get back whom to wake once
/// they hold it no longer: waking a task that is being cancelled waits for its cancellation handler, which wants that lock.
package final class Watcher: ResponseStream {
  /// Who waits for the next frame.
  typealias Taker = CheckedContinuation<Void, Never>

  private struct State {
    var waiting: [ByteBuffer] = []
    var waitingBytes = 0
    var isFinished = false
    var taker: Taker?
  }

  /// How far a watcher may fall behind.
  private static let maximumFrames = 20_000
  private static let maximumBytes = 64 << 20

  let selection: Selection
  let sendsBookmarks: Bool
  /// When the watch ends by itself.
  let deadline: NIODeadline
  /// Shows an event to clients that asked for another form (a Table, metadata alone); `nil` for the plain form.
  let rendering: WatchRendering?
  private let apiVersion: String
  private let kind: String
  private let state = NIOLockedValueBox(State())
  private let onEnd: @Sendable (Watcher) -> Void

  init(
    kind: ResourceKind, selection: Selection, sendsBookmarks: Bool, deadline: NIODeadline,
    rendering: WatchRendering? = nil,
    onEnd: @escaping @Sendable (Watcher) -> Void
  ) {
    apiVersion = kind.apiVersion
    self.kind = kind.kind
    self.selection = selection
    self.sendsBookmarks = sendsBookmarks
    self.deadline = deadline
    self.rendering = rendering
    self.onEnd = onEnd
  }

  func send(_ frames: inout ChangeFrames) -> Taker? {
    guard let type = frames.change.eventType(for: selection) else { return nil }
    return push(frames.frame(type, rendering))
  }

  /// An object that was there when the watch began.
  func sendInitial(_ object: CachedObject) -> Taker? {
    push(rendering?.event("ADDED", object.encoded) ?? WatchFrame.event("ADDED", object.encoded), isInitial: true)
  }

  func sendBookmark(revision: Int64, endsInitialEvents: Bool = false) -> Taker? {
    let object = WatchFrame.bookmark(
      apiVersion: apiVersion, kind: kind, revision: revision, endsInitialEvents: endsInitialEvents)
    return push(rendering?.event("BOOKMARK", object) ?? WatchFrame.event("BOOKMARK", object))
  }

  /// Tells the client why, and ends the watch.
  func fail(_ status: APIStatus) {
    push(rendering?.error(status) ?? WatchFrame.error(status))?.resume()
    finish()
  }

  private func push(_ frame: ByteBuffer, isInitial: Bool = false) -> Taker? {
    state.withLockedValue { state in
      if state.isFinished { return nil }
      state.waiting.append(frame)
      state.waitingBytes += frame.readableBytes
      if !isInitial, state.waiting.count > Self.maximumFrames || state.waitingBytes > Self.maximumBytes {
        state.waiting = []
        state.waitingBytes = 0
        state.isFinished = true
      }
      defer { state.taker = nil }
      return state.taker
    }
  }

  /// Ends the watch after what is waiting.
  func finish() {
    let taker = state.withLockedValue { state in
      state.isFinished = true
      defer { state.taker = nil }
      return state.taker
    }
    taker?.resume()
  }

  package func cancel() {
    state.withLockedValue { state in
      state.waiting = []
      state.waitingBytes = 0
    }
    finish()
    onEnd(self)
  }

  package func next() async throws -> ByteBuffer? {
    while true {
      let (frames, isFinished) = state.withLockedValue { state in
        defer {
          state.waiting.removeAll(keepingCapacity: state.waiting.count < 64)
          state.waitingBytes = 0
        }
        return (state.waiting, state.isFinished)
      }
      if frames.count == 1 { return frames[0] }
      if !frames.isEmpty { return Self.joined(frames) }
      if isFinished {
        onEnd(self)
        return nil
      }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isReady = state.withLockedValue { state in
            if state.isFinished || !state.waiting.isEmpty { return true }
            state.taker = continuation
            return false
          }
          if isReady { continuation.resume() }
        }
      } onCancel: {
        cancel()
      }
      // The handler is not called where the wait ends between the cancellation and its turn.
      if Task.isCancelled {
        cancel()
        throw CancellationError()
      }
    }
  }

  private static func joined(_ frames: [ByteBuffer]) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: frames.reduce(0) { $0 + $1.readableBytes })
    for frame in frames { buffer.writeImmutableBuffer(frame) }
    return buffer
  }
}
