import NIOCore
import Synchronization

/// A connection that watches and notes when each event arrived.
final class LoadWatcher: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let arrivals: Arrivals
  private var last: UInt8 = 0
  private var isInHead = true

  init(_ arrivals: Arrivals) { self.arrivals = arrivals }

  /// Events are lines. Their ends are the only line feeds of the body without a carriage return before them: those of the
  /// head and of chunks have one.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let received = unwrapInboundIn(data)
    var ends = 0
    for byte in received.readableBytesView {
      if byte == 0x0a, last != 0x0d { ends += 1 }
      last = byte
    }
    if isInHead {
      isInHead = false
      arrivals.opened()
    }
    if ends > 0 { arrivals.came(ends, at: .now()) }
  }

  /// When the events of all watchers came.
  final class Arrivals: Sendable {
    private struct State {
      var opened = 0
      var times: [NIODeadline] = []
      var waiter: (count: Int, CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    fileprivate func opened() { tell { $0.opened += 1 } }

    fileprivate func came(_ count: Int, at time: NIODeadline) {
      tell { $0.times += repeatElement(time, count: count) }
    }

    private func tell(_ change: (inout State) -> Void) {
      let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
        change(&state)
        guard let waiter = state.waiter, state.opened + state.times.count >= waiter.count else { return nil }
        state.waiter = nil
        return waiter.1
      }
      waiter?.resume()
    }

    /// Waits until so many watches were answered and events came, in sum.
    func wait(for count: Int) async {
      await withCheckedContinuation { waiter in
        let isThere = state.withLock { state in
          if state.opened + state.times.count >= count { return true }
          state.waiter = (count, waiter)
          return false
        }
        if isThere { waiter.resume() }
      }
    }

    /// The times since the last call.
    func take() -> [NIODeadline] { state.withLock { $0.times.removeAllAndTake() } }
  }
}

extension [NIODeadline] {
  fileprivate mutating func removeAllAndTake() -> Self {
    defer { self = [] }
    return self
  }
}
