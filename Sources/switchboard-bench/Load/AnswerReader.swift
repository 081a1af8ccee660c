import NIOCore

/// Counts answers in what a connection receives: status, head and a body of a stated length. No other form is known.
struct AnswerReader {
  /// An answer that was not as it should be.
  struct Fault: Error, CustomStringConvertible { let description: String }

  private var head = ByteBuffer()
  /// What is still to come of the body; `nil` while the head is read.
  private var left: Int?
  private static let lengthName = Array("content-length:".utf8)

  /// Takes received bytes. Returns true once an answer is complete, which has to be at the end of them: nothing is asked
  /// before that.
  mutating func read(_ received: ByteBuffer, expecting status: Int) throws -> Bool {
    var received = received
    if let left {
      self.left = left - received.readableBytes
    } else {
      head.writeBuffer(&received)
      guard let parsed = head.withUnsafeReadableBytes(Self.parse) else { return false }
      guard parsed.status == status, let length = parsed.length else {
        throw Fault(description: "expected \(status) with a length: \(String(buffer: head).prefix(800))")
      }
      left = length - (head.readableBytes - parsed.end)
    }
    guard let left, left <= 0 else { return false }
    guard left == 0 else { throw Fault(description: "more was answered than was asked") }
    self.left = nil
    head.clear()
    return true
  }

  /// `HTTP/1.1 200 …` and the one header that counts; `nil` before the empty line.
  private static func parse(_ bytes: UnsafeRawBufferPointer) -> (status: Int, length: Int?, end: Int)? {
    var length: Int?
    var line = 0
    for index in bytes.indices where bytes[index] == 0x0a {
      if index - line <= 1, line > 0 { return (number(in: bytes[9..<min(12, index)]), length, index + 1) }
      if index - line > lengthName.count,
        zip(bytes[line...], lengthName).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 })
      {
        length = number(in: bytes[(line + lengthName.count)..<index])
      }
      line = index + 1
    }
    return nil
  }

  private static func number(in bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    bytes.reduce(0) { $1 &- 0x30 < 10 ? $0 * 10 + Int($1 - 0x30) : $0 }
  }
}
