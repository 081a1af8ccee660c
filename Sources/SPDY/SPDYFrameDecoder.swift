package import NIOCore

/// Takes frames off a stream of bytes. Data is handed on as it arrives; control frames are collected, within a bound.
package struct SPDYFrameDecoder: Sendable {
  /// The largest control frame that is taken: a header block of Kubernetes' streams has some hundred bytes.
  package static let maximumControl = 64 << 10
  /// What 24 bits of length can say.
  static let maximumData = (1 << 24) - 1

  private struct OpenData: Sendable {
    var id: UInt32
    var remaining: Int
    var isLast: Bool
  }

  private var buffer = ByteBuffer()
  private var openData: OpenData?

  package init() {}

  package mutating func feed(_ bytes: ByteBuffer) {
    if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeImmutableBuffer(bytes) }
  }

  /// The next frame; `nil` until more has arrived.
  package mutating func next() throws(SPDYError) -> SPDYFrame? {
    if let data = openData { return rest(of: data) }
    guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self),
      let second = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self)
    else { return nil }
    let flags = UInt8(truncatingIfNeeded: second >> 24)
    let length = Int(second & 0xff_ffff)
    guard first & 0x8000_0000 != 0 else {
      buffer.moveReaderIndex(forwardBy: 8)
      return rest(of: OpenData(id: first, remaining: length, isLast: flags & SPDYFrame.lastFlag != 0), isStart: true)
    }
    let version = UInt16(truncatingIfNeeded: first >> 16) & 0x7fff
    guard version == SPDYFrame.version else {
      throw SPDYError(.protocolViolation, "a frame is of SPDY version \(version); only 3 is spoken here")
    }
    guard length <= Self.maximumControl else {
      throw SPDYError(.tooLarge, "a control frame of \(length) bytes is over the bound of \(Self.maximumControl)")
    }
    guard buffer.readableBytes >= 8 + length else { return nil }
    buffer.moveReaderIndex(forwardBy: 8)
    guard var body = buffer.readSlice(length: length) else { return nil }
    return try Self.control(UInt16(truncatingIfNeeded: first), flags, &body)
  }

  /// A part of an open data frame. An empty frame is a part of its own: it may say that the stream has ended.
  private mutating func rest(of data: OpenData, isStart: Bool = false) -> SPDYFrame? {
    var data = data
    let count = min(data.remaining, buffer.readableBytes)
    guard count > 0 || data.remaining == 0 else {
      openData = data
      return nil
    }
    let bytes = buffer.readSlice(length: count) ?? ByteBuffer()
    data.remaining -= count
    openData = data.remaining == 0 ? nil : data
    return .data(id: data.id, bytes: bytes, isLast: data.isLast && data.remaining == 0)
  }

  private static func control(
    _ kind: UInt16, _ flags: UInt8, _ body: inout ByteBuffer
  ) throws(SPDYError) -> SPDYFrame {
    let isLast = flags & SPDYFrame.lastFlag != 0
    switch kind {
    case SPDYFrame.Kind.synStream:
      let id = try number(&body)
      // The associated stream, and two bytes of priority and credential slot.
      guard body.readSlice(length: 6) != nil else { throw tooShort }
      return .synStream(id: id, block: body, isLast: isLast)
    case SPDYFrame.Kind.synReply: return .synReply(id: try number(&body), block: body, isLast: isLast)
    case SPDYFrame.Kind.headers: return .headers(id: try number(&body), block: body, isLast: isLast)
    case SPDYFrame.Kind.reset: return .reset(id: try number(&body), status: try number(&body))
    case SPDYFrame.Kind.ping: return .ping(id: try number(&body))
    case SPDYFrame.Kind.goAway: return .goAway(lastGoodID: try number(&body), status: try number(&body))
    default: return .ignored(type: kind)
    }
  }

  private static var tooShort: SPDYError {
    SPDYError(.protocolViolation, "a control frame is shorter than its kind")
  }

  private static func number(_ body: inout ByteBuffer) throws(SPDYError) -> UInt32 {
    guard let number = body.readInteger(as: UInt32.self) else { throw tooShort }
    return number
  }
}
