import NIOCore

/// The first bytes of an upgraded connection to an agent: the head of its response, and what came right behind it.
struct AgentUpgradeAnswer: Sendable {
  var code: Int
  var headers: [(name: String, value: String)]
  var rest: ByteBuffer
}

/// Reads an agent's answer to an upgrade request. After it, reading stops until the connection is glued to the client's;
/// what arrives before that is kept, and so is the connection's end: a short command may have ended by then.
final class AgentUpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private static let maximumHead = 64 << 10
  private let answer: EventLoopPromise<AgentUpgradeAnswer>
  private var collected = ByteBuffer()
  private var isDone = false
  private var kept: [ByteBuffer] = []
  private var hasEnded = false
  private var isGlued = false

  init(answer: EventLoopPromise<AgentUpgradeAnswer>) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isGlued { return context.fireChannelRead(data) }
    var part = unwrapInboundIn(data)
    if isDone { return kept.append(part) }
    collected.writeBuffer(&part)
    guard let parsed = Self.parse(collected) else {
      if collected.readableBytes > Self.maximumHead { context.close(promise: nil) }
      return
    }
    // A refusal's text stands behind its head and ends with the connection, at the latest.
    guard parsed.code == 101 || Self.isComplete(parsed) else { return }
    finish(parsed, context)
  }

  private func finish(_ parsed: AgentUpgradeAnswer, _ context: ChannelHandlerContext) {
    isDone = true
    kept = [parsed.rest]
    context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
    answer.succeed(parsed)
  }

  private static func isComplete(_ answer: AgentUpgradeAnswer) -> Bool {
    let length = answer.headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) }
    return length.map { answer.rest.readableBytes >= $0 } ?? false
  }

  private static func parse(_ buffer: ByteBuffer) -> AgentUpgradeAnswer? {
    let bytes = Array(buffer.readableBytesView)
    let mark = Array("\r\n\r\n".utf8)
    guard bytes.count >= mark.count else { return nil }
    guard let end = (0...(bytes.count - mark.count)).first(where: { bytes[$0..<($0 + 4)].elementsEqual(mark) }) else {
      return nil
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let code = Int(words[1]) else { return nil }
    let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      return (String(line[..<colon]), String(value))
    }
    return AgentUpgradeAnswer(code: code, headers: headers, rest: ByteBuffer(bytes: bytes[(end + 4)...]))
  }

  func channelInactive(context: ChannelHandlerContext) {
    if !isDone, let parsed = Self.parse(collected) { answer.succeed(parsed) }
    answer.fail(ChannelError.eof)
    hasEnded = true
    context.fireChannelInactive()
  }

  /// Gives a client what was kept, and what follows from now on. On the event loop of `agent`, this handler's channel.
  func glue(_ agent: any Channel, to client: any Channel) throws {
    for part in kept { client.write(part, promise: nil) }
    kept = []
    isGlued = true
    let sent = client.writeAndFlush(ByteBuffer())
    guard !hasEnded else { return sent.whenComplete { _ in client.close(promise: nil) } }
    try agent.pipeline.syncOperations.addHandler(TunnelHandler(peer: client))
    agent.setOption(.autoRead, value: true).whenComplete { _ in }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    answer.fail(error)
    context.close(promise: nil)
  }
}
