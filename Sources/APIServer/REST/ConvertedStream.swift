import JSONTree
import KubernetesAPI
import NIOCore

/// A watch of a kind that is stored in another version than it is served in: each event's object is converted.
final class ConvertedStream: ResponseStream {
  private let stream: any ResponseStream
  private let conversion: KindConversion
  private let isProtobuf: Bool

  /// - Parameter stream: a watch's events as JSON, whole lines at a time.
  init(_ stream: any ResponseStream, _ conversion: KindConversion, isProtobuf: Bool) {
    self.stream = stream
    self.conversion = conversion
    self.isProtobuf = isProtobuf
  }

  func next() async throws -> ByteBuffer? {
    guard let part = try await stream.next() else { return nil }
    var converted = ByteBuffer()
    for line in part.readableBytesView.split(separator: 0x0a) {
      let event = try JSON.parse(line)
      let type = event["type"]?.string ?? ""
      let object = conversion.answer(event["object"] ?? [:])
      if isProtobuf, var frame = ProtobufAnswers.event(type, object) {
        converted.writeBuffer(&frame)
      } else {
        converted.writeBytes((["type": .string(type), "object": object] as JSON).encoded())
        converted.writeInteger(UInt8(0x0a))
      }
    }
    return converted
  }

  func cancel() { stream.cancel() }
}
