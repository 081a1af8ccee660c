package import NIOCore

/// One side of a SPDY/3.1 connection as a state machine: bytes in, what they mean and bytes to be sent out.
///
/// As its peers in Kubernetes it has neither flow control nor server push.
package struct SPDYConnection: ~Copyable {
  package enum Role: Sendable {
    case client, server
  }

  package enum Event: Sendable, Hashable {
    /// The peer has opened a stream. It waits for ``SPDYConnection/reply(to:)`` or ``SPDYConnection/reset(_:status:)``.
    case opened(id: UInt32, headers: SPDYHeaders)
    case replied(id: UInt32)
    case received(id: UInt32, bytes: ByteBuffer)
    /// The peer sends no more on the stream.
    case ended(id: UInt32)
    case reset(id: UInt32, status: UInt32)
    /// The peer takes no new streams.
    case goingAway
    /// To be sent to the peer at once.
    case send(ByteBuffer)
  }

  private struct Stream {
    var isLocalOpen = true
    var isRemoteOpen = true
  }

  /// So many streams may be open at a time; a forwarded connection has two.
  package static let maximumStreams = 4096

  private let role: Role
  private var decoder = SPDYFrameDecoder()
  private var compressor: HeaderCompressor
  private var decompressor: HeaderDecompressor
  private var streams: [UInt32: Stream] = [:]
  private var nextID: UInt32
  private var lastRemoteID: UInt32 = 0

  package init(_ role: Role) throws(SPDYError) {
    let compressor = try HeaderCompressor()
    let decompressor = try HeaderDecompressor()
    self.role = role
    nextID = role == .client ? 1 : 2
    self.compressor = compressor
    self.decompressor = decompressor
  }

  /// How many streams are open.
  package var streamCount: Int { streams.count }

  // MARK: Receiving

  /// What `bytes` say. After an error the connection is to be closed.
  package mutating func receive(_ bytes: ByteBuffer) throws(SPDYError) -> [Event] {
    decoder.feed(bytes)
    var events: [Event] = []
    while let frame = try decoder.next() { try take(frame, &events) }
    return events
  }

  private mutating func take(_ frame: SPDYFrame, _ events: inout [Event]) throws(SPDYError) {
    switch frame {
    case .synStream(let id, let block, let isLast):
      // Even the block of a stream that is refused belongs to the compressed stream.
      let headers = try decompressor.decompress(block)
      try open(id, headers, isLast, &events)
    case .synReply(let id, let block, let isLast):
      _ = try decompressor.decompress(block)
      guard streams[id] != nil else { return }
      events.append(.replied(id: id))
      if isLast { end(id, &events) }
    case .headers(let id, let block, let isLast):
      _ = try decompressor.decompress(block)
      if isLast { end(id, &events) }
    case .reset(let id, let status):
      if streams.removeValue(forKey: id) != nil { events.append(.reset(id: id, status: status)) }
    case .ping(let id):
      // Whose number is of our own kind is the answer to a question of ours: we ask none.
      guard (id % 2 == 0) == (role == .client) else { return }
      var answer = ByteBuffer()
      answer.writePing(id: id)
      events.append(.send(answer))
    case .goAway: events.append(.goingAway)
    case .ignored: break
    case .data(let id, let bytes, let isLast): take(data: bytes, id, isLast, &events)
    }
  }

  private mutating func open(
    _ id: UInt32, _ headers: SPDYHeaders, _ isLast: Bool, _ events: inout [Event]
  ) throws(SPDYError) {
    guard id > lastRemoteID, id & 0x8000_0000 == 0, (id % 2 == 1) == (role == .server) else {
      throw SPDYError(.protocolViolation, "a stream was opened with the number \(id), which is not its turn")
    }
    lastRemoteID = id
    guard streams.count < Self.maximumStreams else {
      return events.append(.send(reset(id, status: SPDYFrame.ResetStatus.refusedStream)))
    }
    streams[id] = Stream()
    events.append(.opened(id: id, headers: headers))
    if isLast { end(id, &events) }
  }

  private mutating func take(data bytes: ByteBuffer, _ id: UInt32, _ isLast: Bool, _ events: inout [Event]) {
    guard let stream = streams[id] else {
      // What was still under way when a stream ended is dropped; a stream that never was is an error of the peer's.
      let isOwn = (id % 2 == 1) == (role == .client)
      guard isOwn ? id >= nextID : id > lastRemoteID else { return }
      return events.append(.send(reset(id, status: SPDYFrame.ResetStatus.invalidStream)))
    }
    guard stream.isRemoteOpen else { return }
    if bytes.readableBytes > 0 { events.append(.received(id: id, bytes: bytes)) }
    if isLast { end(id, &events) }
  }

  private mutating func end(_ id: UInt32, _ events: inout [Event]) {
    guard streams[id]?.isRemoteOpen == true else { return }
    streams[id]?.isRemoteOpen = false
    events.append(.ended(id: id))
    forgetIfEnded(id)
  }

  private mutating func forgetIfEnded(_ id: UInt32) {
    if let stream = streams[id], !stream.isLocalOpen, !stream.isRemoteOpen { streams[id] = nil }
  }

  // MARK: Sending

  /// Opens a stream; returns its number and what is to be sent.
  package mutating func open(_ headers: SPDYHeaders) throws(SPDYError) -> (id: UInt32, bytes: ByteBuffer) {
    guard streams.count < Self.maximumStreams, nextID < 0x7fff_fffe else {
      throw SPDYError(.tooLarge, "\(streams.count) streams are open on the connection, and no more are possible")
    }
    let id = nextID
    nextID += 2
    var bytes = ByteBuffer()
    bytes.writeSynStream(id: id, block: try compressor.compress(headers), isLast: false)
    streams[id] = Stream()
    return (id, bytes)
  }

  /// Accepts a stream that the peer has opened.
  package mutating func reply(to id: UInt32) throws(SPDYError) -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.writeSynReply(id: id, block: try compressor.compress(SPDYHeaders()), isLast: false)
    return bytes
  }

  /// Throws where this side has ended the stream, or the peer has reset it.
  package mutating func data(_ bytes: ByteBuffer, on id: UInt32, isLast: Bool) throws(SPDYError) -> ByteBuffer {
    guard streams[id]?.isLocalOpen == true else {
      throw SPDYError(.streamFinished, "the stream has ended")
    }
    if isLast {
      streams[id]?.isLocalOpen = false
      forgetIfEnded(id)
    }
    var frame = ByteBuffer()
    frame.reserveCapacity(bytes.readableBytes + 8)
    frame.writeData(id: id, bytes: bytes, isLast: isLast)
    return frame
  }

  /// Gives a stream up.
  package mutating func reset(_ id: UInt32, status: UInt32) -> ByteBuffer {
    streams[id] = nil
    var bytes = ByteBuffer()
    bytes.writeReset(id: id, status: status)
    return bytes
  }

  package func goAway() -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.writeGoAway(lastGoodID: lastRemoteID, status: 0)
    return bytes
  }
}
