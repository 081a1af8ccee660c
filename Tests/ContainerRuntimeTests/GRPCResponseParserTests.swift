import NIOCore
import NIOHPACK
import Testing

@testable import ContainerRuntime

@Suite struct GRPCResponseParserTests {
  private func framed(_ message: [UInt8]) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(UInt8(0))
    buffer.writeInteger(UInt32(message.count))
    buffer.writeBytes(message)
    return buffer
  }

  @Test func messagesMayBeCutAnywhere() {
    var whole = framed([1, 2, 3])
    var second = framed([])
    whole.writeBuffer(&second)
    let bytes = Array(whole.readableBytesView)
    for cut in 0...bytes.count {
      var parser = GRPCResponseParser()
      var events: [GRPCResponseParser.Event] = []
      for part in [bytes[..<cut], bytes[cut...]] {
        var buffer = ByteBuffer(bytes: part)
        events += parser.receive(data: &buffer)
      }
      events += parser.receive(headers: ["grpc-status": "0"])
      #expect(events == [.message(ByteBuffer(bytes: [1, 2, 3])), .message(ByteBuffer()), .success], "cut at \(cut)")
    }
  }

  @Test func failuresCarryCodeAndDecodedMessage() {
    var parser = GRPCResponseParser()
    let events = parser.receive(headers: ["grpc-status": "5", "grpc-message": "no %22x%22: 100%25 %C3%A4 %zz"])
    #expect(events == [.failure(code: .notFound, message: "no \"x\": 100% ä %zz")])
    #expect(parser.receiveClose("closed").isEmpty)
  }

  @Test func aStreamThatEndsEarlyIsUnavailable() {
    var parser = GRPCResponseParser()
    #expect(parser.receiveClose("gone") == [.failure(code: .unavailable, message: "gone")])
    parser = GRPCResponseParser()
    #expect(
      parser.receive(headers: [":status": "502"]) == [
        .failure(code: .unavailable, message: "the server's endpoint answered with HTTP status 502")
      ])
    parser = GRPCResponseParser()
    var half = ByteBuffer(bytes: [0, 0, 0, 0, 9, 1])
    #expect(parser.receive(data: &half).isEmpty)
    #expect(
      parser.receive(headers: ["grpc-status": "0"]) == [
        .failure(code: .malformedAnswer, message: "the server's answer ends inside a message")
      ])
  }

  @Test func oversizedAndCompressedMessagesAreRefused() {
    for header in [[0, 0xff, 0xff, 0xff, 0xff], [1, 0, 0, 0, 0]] as [[UInt8]] {
      var parser = GRPCResponseParser()
      var buffer = ByteBuffer(bytes: header)
      guard case .failure(.malformedAnswer, _) = parser.receive(data: &buffer).first else {
        Issue.record("accepted \(header)")
        continue
      }
    }
  }
}
