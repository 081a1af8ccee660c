import NIOCore
import Testing

@testable import SPDY

/// The bytes that a peer in Go sent were recorded by hand from the specification; the rest is one side against the other.
@Suite struct SPDYConnectionTests {
  static func exchange(
    _ bytes: ByteBuffer, to connection: inout SPDYConnection, inPartsOf size: Int = .max
  ) throws -> [SPDYConnection.Event] {
    var bytes = bytes
    var events: [SPDYConnection.Event] = []
    while bytes.readableBytes > 0 {
      guard let part = bytes.readSlice(length: min(size, bytes.readableBytes)) else { break }
      events += try connection.receive(part)
    }
    return events
  }

  @Test func theDictionaryIsTheSpecificationsOwn() {
    #expect(HeaderDictionary.bytes.count == 1423)
    var (low, high) = (UInt32(1), UInt32(0))
    for byte in HeaderDictionary.bytes {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    #expect(high << 16 | low == 0xe3c6_a7c2)
  }

  @Test func aStreamIsOpenedAndAcceptedByteByByte() throws {
    var client = try SPDYConnection(.client)
    var server = try SPDYConnection(.server)
    let (id, bytes) = try client.open(["StreamType": "data", "Port": "80"])
    #expect(id == 1)
    #expect(bytes.getInteger(at: 0, as: UInt64.self).map { $0 >> 32 } == 0x8003_0001)
    let events = try Self.exchange(bytes, to: &server, inPartsOf: 1)
    #expect(events == [.opened(id: 1, headers: ["streamtype": "data", "port": "80"])])
    let replied = try Self.exchange(try server.reply(to: 1), to: &client, inPartsOf: 3)
    #expect(replied == [.replied(id: 1)])
    // The second block goes on where the first one's compression ended.
    let second = try client.open(["streamtype": "error", "port": "80"])
    #expect(second.bytes.readableBytes < bytes.readableBytes)
    let more = try Self.exchange(second.bytes, to: &server)
    #expect(more == [.opened(id: 3, headers: ["streamtype": "error", "port": "80"])])
  }

  @Test func dataIsHandedOnAsItArrivesAndEndsOnce() throws {
    var client = try SPDYConnection(.client)
    var server = try SPDYConnection(.server)
    _ = try Self.exchange(try client.open([:]).bytes, to: &server)
    let sent = try client.data(ByteBuffer(string: "abcdef"), on: 1, isLast: true)
    let events = try Self.exchange(sent, to: &server, inPartsOf: 10)
    #expect(
      events == [
        .received(id: 1, bytes: ByteBuffer(string: "ab")), .received(id: 1, bytes: ByteBuffer(string: "cdef")),
        .ended(id: 1),
      ])
    #expect(throws: SPDYError(.streamFinished, "the stream has ended")) {
      _ = try client.data(ByteBuffer(string: "x"), on: 1, isLast: false)
    }
    #expect(server.streamCount == 1)
    let answer = try Self.exchange(try server.data(ByteBuffer(), on: 1, isLast: true), to: &client)
    #expect(answer == [.ended(id: 1)])
    #expect(server.streamCount == 0 && client.streamCount == 0)
  }

  @Test func aResetStreamIsForgottenAndItsRestDropped() throws {
    var client = try SPDYConnection(.client)
    var server = try SPDYConnection(.server)
    _ = try Self.exchange(try client.open([:]).bytes, to: &server)
    let late = try client.data(ByteBuffer(string: "late"), on: 1, isLast: false)
    #expect(try Self.exchange(server.reset(1, status: 5), to: &client) == [.reset(id: 1, status: 5)])
    #expect(try Self.exchange(late, to: &server) == [])
    #expect(client.streamCount == 0)
    // Data on what nobody opened is answered.
    var stray = ByteBuffer()
    stray.writeData(id: 99, bytes: ByteBuffer(string: "x"), isLast: false)
    var refusal = ByteBuffer()
    refusal.writeReset(id: 99, status: 2)
    #expect(try Self.exchange(stray, to: &server) == [.send(refusal)])
  }

  @Test func pingsOfThePeerAreAnswered() throws {
    var server = try SPDYConnection(.server)
    var ping = ByteBuffer()
    ping.writePing(id: 7)
    #expect(try Self.exchange(ping, to: &server) == [.send(ping)])
    var own = ByteBuffer()
    own.writePing(id: 8)
    #expect(try Self.exchange(own, to: &server) == [])
  }

  @Test(
    arguments: [
      // Version 2.
      [0x80, 0x02, 0x00, 0x06, 0, 0, 0, 4, 0, 0, 0, 1],
      // A SYN_STREAM that is over the bound.
      [0x80, 0x03, 0x00, 0x01, 0, 0x02, 0, 0],
      // A SYN_STREAM without room for its fields.
      [0x80, 0x03, 0x00, 0x01, 0, 0, 0, 4, 0, 0, 0, 1],
      // Headers that are not zlib's.
      [0x80, 0x03, 0x00, 0x01, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2],
    ] as [[UInt8]])
  func whatIsNoSPDYEndsTheConnection(bytes: [UInt8]) throws {
    var server = try SPDYConnection(.server)
    #expect(throws: SPDYError.self) { try server.receive(ByteBuffer(bytes: bytes)) }
  }

  @Test func aBombOfHeadersIsRefused() throws {
    var client = try SPDYConnection(.client)
    var server = try SPDYConnection(.server)
    let bomb = String(repeating: "a", count: 1 << 20)
    let bytes = try client.open(["a": bomb]).bytes
    #expect(bytes.readableBytes < SPDYFrameDecoder.maximumControl)
    let error = #expect(throws: SPDYError.self) { try server.receive(bytes) }
    #expect(error?.code == .tooLarge)
  }

  @Test func streamsAreBounded() throws {
    var client = try SPDYConnection(.client)
    var server = try SPDYConnection(.server)
    for _ in 0..<SPDYConnection.maximumStreams { _ = try server.receive(try client.open([:]).bytes) }
    #expect(server.streamCount == SPDYConnection.maximumStreams)
    #expect(throws: SPDYError.self) { _ = try client.open([:]) }
    _ = client.reset(1, status: 5)
    let refused = try server.receive(try client.open([:]).bytes)
    var refusal = ByteBuffer()
    refusal.writeReset(id: UInt32(SPDYConnection.maximumStreams * 2 + 1), status: 3)
    #expect(refused == [.send(refusal)])
  }

  /// Whatever comes, the decoder ends it with an error or goes on; it never traps.
  @Test func noiseIsSurvived() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var server = try SPDYConnection(.server)
      var client = try SPDYConnection(.client)
      var bytes = Array(try client.open(["streamtype": "stdin"]).bytes.readableBytesView)
      bytes += Array(try client.data(ByteBuffer(string: "hello"), on: 1, isLast: true).readableBytesView)
      bytes += Array(client.goAway().readableBytesView)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        }
      }
      _ = try? Self.exchange(
        ByteBuffer(bytes: bytes), to: &server, inPartsOf: Int.random(in: 1...64, using: &random))
    }
  }
}
