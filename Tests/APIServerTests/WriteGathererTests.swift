import NIOCore
import NIOEmbedded
import Testing

@testable import APIServer

@Suite struct WriteGathererTests {
  private let channel = EmbeddedChannel(handler: WriteGatherer())

  private func sent() throws -> [String] {
    var sent: [String] = []
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) { sent.append(String(buffer: buffer)) }
    return sent
  }

  @Test func smallWritesOfOneFlushAreOne() throws {
    let first = channel.write(ByteBuffer(string: "head "))
    let second = channel.write(ByteBuffer(string: "body"))
    #expect(try sent() == [])
    channel.flush()
    #expect(try sent() == ["head body"])
    try first.wait()
    try second.wait()
    channel.writeAndFlush(ByteBuffer(string: "next"), promise: nil)
    #expect(try sent() == ["next"])
  }

  @Test func largeWritesPassAsTheyAreAndInOrder() throws {
    let large = String(repeating: "x", count: 20_000)
    for part in ["a", "b", large, "c"] { channel.write(ByteBuffer(string: part), promise: nil) }
    channel.flush()
    #expect(try sent() == ["ab", large, "c"])
  }

  @Test func recordsAreNotOverfilled() throws {
    let half = String(repeating: "x", count: 10_000)
    for _ in 0..<3 { channel.write(ByteBuffer(string: half), promise: nil) }
    channel.flush()
    #expect(try sent() == [half, half, half])
  }

  @Test func promisesOfAHandlerThatGoesAreBroken() throws {
    let written = channel.write(ByteBuffer(string: "lost"))
    try channel.pipeline.syncOperations.removeHandler(channel.pipeline.syncOperations.handler(type: WriteGatherer.self))
      .wait()
    #expect(throws: ChannelError.self) { try written.wait() }
  }
}
