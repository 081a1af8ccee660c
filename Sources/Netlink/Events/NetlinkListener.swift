internal import Glibc
package import LinuxKernel
internal import Synchronization

/// Hears what the kernel tells of itself by netlink, and how much of it did not fit the socket's buffer.
///
/// One thread at a time may wait in ``receive()``; ``stop()`` may be called from anywhere.
package final class NetlinkListener: Sendable {
  /// For requests that say what is wanted. An answer that is no reply to one belongs to ``receive()``.
  package let socket: NetlinkSocket
  private let wake: Pipe
  private let state: Mutex<State>

  private struct State {
    var buffer: [UInt8]
    var overruns = OverrunCount()
  }

  package struct Reception: Sendable {
    package var messages: [NetlinkMessage] = []
    package var loss = EventLoss()
    /// Whether more may be waiting: it has taken as much as it takes at once.
    package var isFull = false
  }

  /// No event is longer: the kernel allots them a page.
  private static let longest = 64 << 10
  private static let datagramsAtOnce = 256

  /// - Parameters:
  ///   - groups: multicast groups to join, by number (`enum nfnetlink_groups` and the like).
  ///   - receiveBuffer: bytes that may wait in the socket; the kernel counts what it spends on a message, which is several
  ///     times its length.
  ///   - namespace: where to listen; the calling thread's where none is given.
  package init(
    _ family: NetlinkSocket.Family, groups: [UInt32] = [], receiveBuffer: Int32, in namespace: NetworkNamespace? = nil
  ) throws {
    socket = try NetlinkSocket(family, in: namespace)
    wake = try Pipe()
    state = Mutex(State(buffer: [UInt8](repeating: 0, count: Self.longest)))
    let raw = socket.descriptor.rawValue
    try Self.set(raw, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer)
    for group in groups { try Self.set(raw, 270, 1, Int32(bitPattern: group)) }  // SOL_NETLINK, NETLINK_ADD_MEMBERSHIP
  }

  private static func set(_ raw: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws(KernelError) {
    var value = value
    try systemCall("setsockopt", "netlink option \(option)") {
      setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// Ends the waiting, now and for ever.
  package func stop() {
    // The pipe's other end lives as long as this object, and one byte always fits.
    try? wake.write([1])
  }

  /// Blocks until there is something, and takes some of it; `nil` once it was stopped. A full buffer is no error: each
  /// reception says what was lost since the one before.
  package func receive() throws(NetlinkError) -> Reception? {
    do {
      guard try !Readiness.wait(socket.descriptor, wake.read).second else { return nil }
    } catch { throw NetlinkError(error) }
    var reception = Reception()
    var hasFailed = false
    for _ in 0..<Self.datagramsAtOnce {
      switch try take() {
      case .none: return finished(reception, hasFailed)
      case .overrun: hasFailed = true
      case .tooLong: reception.loss.unreadable += 1
      case .datagram(let bytes):
        do {
          reception.messages += try NetlinkMessage.parse(bytes[...])
        } catch { reception.loss.unreadable += 1 }
      }
    }
    reception.isFull = true
    return finished(reception, hasFailed)
  }

  private func finished(_ reception: Reception, _ hasFailed: Bool) -> Reception {
    var reception = reception
    reception.loss += state.withLock { state in
      state.overruns.take(drops: Self.drops(of: socket.descriptor.rawValue), hasFailed: hasFailed)
    }
    return reception
  }

  private enum Datagram {
    case none
    /// Some before were lost.
    case overrun
    case tooLong
    case datagram([UInt8])
  }

  private func take() throws(NetlinkError) -> Datagram {
    let raw = socket.descriptor.rawValue
    return try state.withLock { (state) throws(NetlinkError) in
      let count: Int?
      do throws(KernelError) {
        count = try nonblockingCall("recv", "netlink") {
          recv(raw, &state.buffer, Self.longest, Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC))
        }
      } catch {
        if error.errno == ENOBUFS { return .overrun }
        throw NetlinkError(error)
      }
      guard let count else { return .none }
      return count > Self.longest ? .tooLong : .datagram(Array(state.buffer[..<count]))
    }
  }

  /// How many datagrams the socket had no room for since it was made (SO_MEMINFO, `SK_MEMINFO_DROPS` of
  /// `linux/sock_diag.h`); `nil` where the kernel does not say.
  private static func drops(of raw: Int32) -> UInt32? {
    var values = [UInt32](repeating: 0, count: 9)
    var length = socklen_t(values.count * 4)
    guard getsockopt(raw, SOL_SOCKET, 55, &values, &length) == 0 else { return nil }
    return values[8]
  }
}

extension NetlinkListener {
  /// Reads until its task is cancelled or the socket fails, on a thread of its own, and puts into a queue what `decode`
  /// makes of it. `decode` gives `nil` for what is of no interest and throws for what it does not understand.
  ///
  /// - Parameter pause: milliseconds until the next reading, unless this one has left something behind. What comes meanwhile
  ///   waits in the socket's buffer: to wake up for each event costs far more than the event.
  package func feed<Event: Sendable>(
    _ queue: EventQueue<Event>, pause: Int32 = 0,
    decode: @escaping @Sendable (_ message: NetlinkMessage, _ seenAt: Int64) throws(NetlinkError) -> Event?
  ) async throws {
    defer { queue.finish() }
    try await withTaskCancellationHandler {
      try await BlockingThread.run { [self] in
        while let reception = try receive() {
          let now = Self.now()
          var (events, loss) = ([Event](), reception.loss)
          events.reserveCapacity(reception.messages.count)
          for message in reception.messages {
            do {
              if let event = try decode(message, now) { events.append(event) }
            } catch { loss.unreadable += 1 }
          }
          queue.put(events, loss)
          if pause > 0, !reception.isFull, try Readiness.wait(wake.read, upTo: pause) { return }
        }
      }
    } onCancel: {
      stop()
    }
  }

  /// Nanoseconds since 1970, CLOCK_REALTIME.
  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
