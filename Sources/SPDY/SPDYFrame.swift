package import NIOCore

/// One frame of SPDY/3.1 as it came over the wire; header blocks are still compressed.
///
/// Source: SPDY Protocol, draft 3.1, section 2.
package enum SPDYFrame: Sendable, Hashable {
  case synStream(id: UInt32, block: ByteBuffer, isLast: Bool)
  case synReply(id: UInt32, block: ByteBuffer, isLast: Bool)
  case headers(id: UInt32, block: ByteBuffer, isLast: Bool)
  case reset(id: UInt32, status: UInt32)
  case ping(id: UInt32)
  case goAway(lastGoodID: UInt32, status: UInt32)
  /// SETTINGS, WINDOW_UPDATE, and what is not known: read over. The clients and servers of Kubernetes have no flow
  /// control in SPDY; TCP's holds both sides.
  case ignored(type: UInt16)
  /// A data frame, or as much of it as has arrived; `isLast` comes with its end.
  case data(id: UInt32, bytes: ByteBuffer, isLast: Bool)

  enum Kind {
    static let synStream: UInt16 = 1
    static let synReply: UInt16 = 2
    static let reset: UInt16 = 3
    static let ping: UInt16 = 6
    static let goAway: UInt16 = 7
    static let headers: UInt16 = 8
  }

  static let version: UInt16 = 3
  static let lastFlag: UInt8 = 1

  /// What RST_STREAM says (section 2.6.3).
  package enum ResetStatus {
    package static let protocolError: UInt32 = 1
    package static let invalidStream: UInt32 = 2
    package static let refusedStream: UInt32 = 3
    package static let cancel: UInt32 = 5
  }
}

// MARK: Writing

extension ByteBuffer {
  mutating func writeControlFrame(_ kind: UInt16, flags: UInt8 = 0, length: Int) {
    writeInteger(0x8000 | SPDYFrame.version)
    writeInteger(kind)
    writeInteger(UInt32(flags) << 24 | UInt32(length))
  }

  mutating func writeSynStream(id: UInt32, block: [UInt8], isLast: Bool) {
    writeControlFrame(SPDYFrame.Kind.synStream, flags: isLast ? SPDYFrame.lastFlag : 0, length: 10 + block.count)
    writeInteger(id)
    // Neither associated with another stream nor of any priority.
    writeInteger(UInt32(0))
    writeInteger(UInt16(0))
    writeBytes(block)
  }

  mutating func writeSynReply(id: UInt32, block: [UInt8], isLast: Bool) {
    writeControlFrame(SPDYFrame.Kind.synReply, flags: isLast ? SPDYFrame.lastFlag : 0, length: 4 + block.count)
    writeInteger(id)
    writeBytes(block)
  }

  mutating func writeReset(id: UInt32, status: UInt32) {
    writeControlFrame(SPDYFrame.Kind.reset, length: 8)
    writeInteger(id)
    writeInteger(status)
  }

  mutating func writePing(id: UInt32) {
    writeControlFrame(SPDYFrame.Kind.ping, length: 4)
    writeInteger(id)
  }

  mutating func writeGoAway(lastGoodID: UInt32, status: UInt32) {
    writeControlFrame(SPDYFrame.Kind.goAway, length: 8)
    writeInteger(lastGoodID)
    writeInteger(status)
  }

  /// Splits what is longer than a frame may be.
  mutating func writeData(id: UInt32, bytes: ByteBuffer, isLast: Bool) {
    var rest = bytes
    repeat {
      let part = rest.readSlice(length: min(rest.readableBytes, SPDYFrameDecoder.maximumData)) ?? ByteBuffer()
      let flags = isLast && rest.readableBytes == 0 ? SPDYFrame.lastFlag : 0
      writeInteger(id)
      writeInteger(UInt32(flags) << 24 | UInt32(part.readableBytes))
      writeImmutableBuffer(part)
    } while rest.readableBytes > 0
  }
}
