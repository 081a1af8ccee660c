import Glibc
import LinuxKernel

/// A connection whose two ends one thread holds. Nobody has to be woken up for what arrives, so that a round trip takes what
/// the packets' way takes, and not what the scheduler does.
struct HeldConnection: ~Copyable {
  private let near: PlainConnection
  private let far: FileDescriptor

  /// Connects from the calling thread's network namespace.
  init(to server: LiveServer) throws {
    let connection = try PlainConnection(to: server.endpoint)
    far = try server.accepted()
    near = connection
  }

  /// Of one byte there and back, a second. The connection is reset with its end.
  func roundTrips(during measured: Duration) throws -> Double {
    let raw = far.rawValue
    var byte: [UInt8] = [1]
    var count = 0
    let begin = ContinuousClock.now
    while ContinuousClock.now - begin < measured {
      try near.write(byte)
      try systemCall("recv") { recv(raw, &byte, 1, 0) }
      try systemCall("send") { send(raw, &byte, 1, Int32(MSG_NOSIGNAL)) }
      _ = try near.read(into: &byte)
      count += 1
    }
    near.leaveAtOnce()
    return Double(count) * 1000 / (ContinuousClock.now - begin).milliseconds
  }
}
