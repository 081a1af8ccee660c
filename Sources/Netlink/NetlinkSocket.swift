internal import Glibc
package import LinuxKernel
internal import Synchronization

/// A netlink socket: one request at a time, answers matched by sequence number, errors with the kernel's own words.
///
/// It belongs to the network namespace it was made in and may be used from any thread.
package final class NetlinkSocket: Sendable {
  /// Protocols of linux/netlink.h.
  package enum Family: Int32, Sendable {
    case route = 0
    case socketDiagnosis = 4
    case netfilter = 12
  }

  let descriptor: FileDescriptor
  private let nextSequence: Mutex<UInt32>

  /// Opens a socket in `namespace`, or in the calling thread's where none is given.
  package init(_ family: Family, in namespace: NetworkNamespace? = nil) throws {
    if let namespace {
      descriptor = try namespace.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), family.rawValue)
    } else {
      descriptor = try FileDescriptor.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), family.rawValue)
    }
    nextSequence = Mutex(1)
    try bindToKernelChosenPort()
    // A batch goes out in one send and its answers wait in the receive queue.
    setOption(SOL_SOCKET, SO_SNDBUFFORCE, 64 << 20)
    setOption(SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    setOption(270, 11, 1)  // SOL_NETLINK, NETLINK_EXT_ACK: errors come with text.
    setOption(270, 10, 1)  // NETLINK_CAP_ACK: errors come without our request.
    setOption(270, 12, 1)  // NETLINK_GET_STRICT_CHK: dumps honour their filters.
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(
      descriptor.rawValue, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  private func bindToKernelChosenPort() throws(KernelError) {
    var address = NetlinkAddress()
    let raw = descriptor.rawValue
    try systemCall("bind", "netlink socket") {
      withUnsafeBytes(of: &address) {
        bind(raw, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
      }
    }
  }

  // Each option only makes large batches or messages better; older kernels work without.
  private func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor.rawValue, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Sends all messages in one datagram and collects the answers, which are queued when `send` returns: rtnetlink and
  /// nfnetlink work in the sender's context.
  ///
  /// Throws the first refusal (``NetlinkError/messageIndex`` says which message), or `incomplete` when a message that
  /// asked for an acknowledgement got none. An nfnetlink batch is all or nothing; rtnetlink messages before and after
  /// a refused one are in force.
  /// - Returns: messages that are neither errors nor acknowledgements (echoes).
  @discardableResult
  package func transact(_ writer: NetlinkWriter) throws(NetlinkError) -> [NetlinkMessage] {
    guard !writer.isEmpty else { return [] }
    return try nextSequence.withLock { (next) throws(NetlinkError) in
      var writer = writer
      let first = next
      next &+= UInt32(writer.messageCount)
      writer.number(from: first)
      try send(writer.bytes)
      var missing = Set(writer.acknowledged)
      var refusal: NetlinkError?
      var echoes: [NetlinkMessage] = []
      while let datagram = try receive(blocking: false) {
        for message in try NetlinkMessage.parse(datagram) {
          let index = Int(message.sequence &- first)
          guard index < writer.messageCount else { continue }  // An answer to an earlier, abandoned request.
          switch message.type {
          case NetlinkMessage.error:
            missing.remove(index)
            if let error = try Self.refusal(message, index: index), refusal == nil { refusal = error }
          case NetlinkMessage.done, NetlinkMessage.noop: break
          default: echoes.append(message)
          }
        }
      }
      if let refusal { throw refusal }
      guard missing.isEmpty else {
        throw NetlinkError(.incomplete, "the kernel left \(missing.count) netlink messages unanswered")
      }
      return echoes
    }
  }

  /// Sends one request and returns its answers up to the end mark of a dump or, without the dump flag, the
  /// acknowledgement. A dump that was interrupted by a change is repeated a few times.
  package func request(_ writer: NetlinkWriter) throws(NetlinkError) -> [NetlinkMessage] {
    for _ in 0..<8 {
      do {
        return try requestOnce(writer)
      } catch {
        guard error.code == .interrupted else { throw error }
      }
    }
    return try requestOnce(writer)
  }

  private func requestOnce(_ writer: NetlinkWriter) throws(NetlinkError) -> [NetlinkMessage] {
    precondition(writer.messageCount == 1)
    return try nextSequence.withLock { (next) throws(NetlinkError) in
      var writer = writer
      let sequence = next
      next &+= 1
      writer.number(from: sequence)
      try send(writer.bytes)
      var answers: [NetlinkMessage] = []
      var interrupted = false
      while let datagram = try receive(blocking: true) {
        for message in try NetlinkMessage.parse(datagram) where message.sequence == sequence {
          if message.flags.contains(.dumpInterrupted) { interrupted = true }
          switch message.type {
          case NetlinkMessage.error:
            if let error = try Self.refusal(message, index: 0) { throw error }
            return answers
          case NetlinkMessage.done:
            if let error = try Self.endOfDump(message) { throw error }
            guard !interrupted else { throw NetlinkError(.interrupted, "the listing changed under us; list again") }
            return answers
          case NetlinkMessage.noop: break
          default: answers.append(message)
          }
        }
      }
      throw NetlinkError(.incomplete, "the kernel did not answer a netlink request in 10 s")
    }
  }

  private func send(_ bytes: [UInt8]) throws(NetlinkError) {
    let raw = descriptor.rawValue
    do {
      try systemCall("send", "netlink") { bytes.withUnsafeBytes { Glibc.send(raw, $0.baseAddress, $0.count, 0) } }
    } catch { throw NetlinkError(error) }
  }

  private static let bufferSize = 256 << 10

  /// One datagram from the kernel; `nil` when there is none.
  private func receive(blocking: Bool) throws(NetlinkError) -> ArraySlice<UInt8>? {
    let raw = descriptor.rawValue
    let flags = Int32(MSG_TRUNC) | (blocking ? 0 : Int32(MSG_DONTWAIT))
    while true {
      var source = NetlinkAddress()
      var outcome: Result<Int?, KernelError> = .success(nil)
      let buffer = [UInt8](unsafeUninitializedCapacity: Self.bufferSize) { target, filled in
        outcome = Result { () throws(KernelError) in
          try nonblockingCall("recvfrom", "netlink") {
            withUnsafeMutableBytes(of: &source) { address in
              var length = socklen_t(address.count)
              return recvfrom(
                raw, target.baseAddress, target.count, flags,
                address.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
            }
          }
        }
        if case .success(let count?) = outcome { filled = min(count, target.count) }
      }
      let count: Int?
      switch outcome {
      case .success(let value): count = value
      case .failure(let error): throw NetlinkError(error)
      }
      guard let count else { return nil }
      guard count <= Self.bufferSize else {
        throw NetlinkError(.malformed, "netlink datagram of \(count) bytes does not fit the buffer")
      }
      // Anyone may send to our port; only the kernel has port id 0.
      if source.portID == 0 { return buffer[...] }
    }
  }

  private static func refusal(_ message: NetlinkMessage, index: Int) throws(NetlinkError) -> NetlinkError? {
    var cursor = ByteCursor(message.payload)
    let code = Int32(bitPattern: try cursor.u32())
    guard code != 0 else { return nil }
    var text: String?
    if message.flags.rawValue & 0x200 != 0 {  // NLM_F_ACK_TLVS
      let length = Int(try cursor.u32())
      _ = try cursor.take(12)
      if message.flags.rawValue & 0x100 == 0, length > 16 {  // Not NLM_F_CAPPED: our payload comes along.
        _ = try cursor.take(min((length - 16 + 3) & ~3, cursor.rest.count))
      }
      text = try NetlinkAttribute.parse(cursor.rest)[type: 1]?.string  // NLMSGERR_ATTR_MSG
    }
    return refused(-code, text, index: index)
  }

  /// The end mark of a dump carries an error number of its own.
  private static func endOfDump(_ message: NetlinkMessage) throws(NetlinkError) -> NetlinkError? {
    guard message.payload.count >= 4 else { return nil }
    var cursor = ByteCursor(message.payload)
    let code = Int32(bitPattern: try cursor.u32())
    guard code < 0 else { return nil }
    let text = try NetlinkAttribute.parse(cursor.rest)[type: 1]?.string
    return refused(-code, text, index: 0)
  }

  private static func refused(_ errno: Int32, _ text: String?, index: Int) -> NetlinkError {
    var words = KernelError.text(of: errno)
    if let text, !text.isEmpty { words += " (\(text))" }
    return NetlinkError(.refused(errno: errno), words, messageIndex: index)
  }
}

/// struct sockaddr_nl of linux/netlink.h.
private struct NetlinkAddress {
  var family = UInt16(AF_NETLINK)
  var padding: UInt16 = 0
  var portID: UInt32 = 0
  var groups: UInt32 = 0
}
