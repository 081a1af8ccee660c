internal import CLinux
internal import Glibc

/// Room for a batch of received datagrams and for the answers to them. One thread uses it.
package final class DatagramBatch {
  /// The most datagrams in one system call.
  package static let limit = Int(SWB_DATAGRAM_BATCH)
  private let requests: UnsafeMutablePointer<swb_datagram>
  private let replies: UnsafeMutablePointer<swb_datagram>
  private let memory: UnsafeMutableRawPointer
  private var replyCount = 0

  /// - Parameter capacity: bytes for one datagram, received or sent.
  package init(capacity: Int) {
    let limit = Self.limit
    requests = .allocate(capacity: limit)
    replies = .allocate(capacity: limit)
    memory = .allocate(byteCount: 2 * limit * capacity, alignment: 64)
    for index in 0..<limit {
      for (row, list) in [requests, replies].enumerated() {
        var datagram = swb_datagram()
        datagram.data = memory + (row * limit + index) * capacity
        datagram.capacity = UInt32(capacity)
        (list + index).initialize(to: datagram)
      }
    }
  }

  deinit {
    requests.deallocate()
    replies.deallocate()
    memory.deallocate()
  }

  /// Takes what waits in the socket, without blocking; 0 where nothing does. Answers not yet sent are forgotten.
  package func receive(from socket: borrowing FileDescriptor) throws(KernelError) -> Int {
    let raw = socket.rawValue
    replyCount = 0
    return Int(
      try nonblockingCall("recvmmsg") {
        swb_receive_datagrams(raw, requests, UInt32(Self.limit))
      } ?? 0)
  }

  /// The bytes of a received datagram; valid until the next ``receive(from:)``.
  package func request(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: requests[index].data, count: Int(requests[index].length))
  }

  /// Room for an answer; it is sent once ``answer(_:length:)`` says how long it is.
  package var reply: UnsafeMutableRawBufferPointer {
    let reply = replies[replyCount]
    return UnsafeMutableRawBufferPointer(start: reply.data, count: Int(reply.capacity))
  }

  /// Addresses what ``reply`` holds to the sender of a received datagram.
  package func answer(_ index: Int, length: Int) {
    replies[replyCount].length = UInt32(length)
    replies[replyCount].peer = requests[index].peer
    replies[replyCount].peer_length = requests[index].peer_length
    replies[replyCount].control_length = requests[index].control_length
    if requests[index].control_length > 0 { replies[replyCount].control = requests[index].control }
    replyCount += 1
  }

  /// Sends the gathered answers. One that cannot be delivered is dropped, as the network might.
  package func sendAnswers(to socket: borrowing FileDescriptor) {
    var sent = 0
    while sent < replyCount {
      let result = swb_send_datagrams(socket.rawValue, replies + sent, UInt32(replyCount - sent))
      if result > 0 {
        sent += Int(result)
      } else if errno != EINTR {
        sent += 1
      }
    }
    replyCount = 0
  }

  /// Where a received datagram came from, for an answer that comes later.
  package func returnAddress(_ index: Int) -> ReturnAddress { ReturnAddress(datagram: requests[index]) }
}

/// A datagram's sender, and the local address it wrote to.
package struct ReturnAddress: @unchecked Sendable {
  // The pointer in the value is never followed: it is set to the bytes being sent, each time.
  private let datagram: swb_datagram

  fileprivate init(datagram: swb_datagram) { self.datagram = datagram }

  /// Sends one datagram back; what cannot be delivered is dropped.
  package func send(_ bytes: [UInt8], on socket: borrowing FileDescriptor) {
    var bytes = bytes
    let raw = socket.rawValue
    bytes.withUnsafeMutableBytes { buffer in
      var datagram = datagram
      datagram.data = buffer.baseAddress
      datagram.length = UInt32(buffer.count)
      while swb_send_datagrams(raw, &datagram, 1) < 0, errno == EINTR {}
    }
  }
}

/// Waits for descriptors that can be read.
package enum Readiness {
  /// Returns whether `first` can be read (or has failed) and whether `second` can.
  package static func wait(
    _ first: borrowing FileDescriptor, _ second: borrowing FileDescriptor
  ) throws(KernelError) -> (first: Bool, second: Bool) {
    var set = [
      pollfd(fd: first.rawValue, events: Int16(POLLIN), revents: 0),
      pollfd(fd: second.rawValue, events: Int16(POLLIN), revents: 0),
    ]
    try systemCall("poll") { poll(&set, 2, -1) }
    return (set[0].revents != 0, set[1].revents != 0)
  }

  /// Whether a descriptor can be read, now or within so many milliseconds.
  package static func wait(
    _ descriptor: borrowing FileDescriptor, upTo milliseconds: Int32
  ) throws(KernelError) -> Bool {
    var set = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
    try systemCall("poll") { poll(&set, 1, milliseconds) }
    return set.revents != 0
  }
}
