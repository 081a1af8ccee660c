/// What stands around objects in protobuf: the envelope that names the kind, lists, and the frames of a watch
/// (runtime.Unknown and meta.v1.WatchEvent of apimachinery).
package enum ProtobufEnvelope {
  /// Content type of a watch.
  package static let watchMediaType = "\(ProtobufDecoder.mediaType);stream=watch"

  /// The magic, and `Unknown`: typeMeta 1 {apiVersion 1, kind 2}, raw 2, contentEncoding 3, contentType 4.
  package static func object(apiVersion: String, kind: String, body: [UInt8]) -> [UInt8] {
    var writer = ProtobufWriter(reservingCapacity: body.count + 64)
    // Empty, but Go writes them.
    writer.write(4, text: "")
    writer.write(3, text: "")
    writer.write(2, bytes: body)
    let start = writer.count
    writer.write(2, text: kind)
    writer.write(1, text: apiVersion)
    writer.close(1, since: start)
    writer.writeRaw(ProtobufDecoder.magic)
    return writer.bytes
  }

  /// A list's message: metadata 1, items 2.
  package static func list(metadata: [UInt8], items: [[UInt8]]) -> [UInt8] {
    var writer = ProtobufWriter(reservingCapacity: items.reduce(256) { $0 + $1.count + 6 })
    for item in items.reversed() { writer.write(2, bytes: item) }
    writer.write(1, bytes: metadata)
    return writer.bytes
  }

  /// One event of a watch behind its length in four bytes: type 1, object 2 {raw 1}. `object` is in its envelope.
  package static func watchFrame(_ type: String, object: [UInt8]) -> [UInt8] {
    var writer = ProtobufWriter(reservingCapacity: object.count + 32)
    let start = writer.count
    writer.write(1, bytes: object)
    writer.close(2, since: start)
    writer.write(1, text: type)
    let length = UInt32(writer.count)
    writer.writeRaw([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) })
    return writer.bytes
  }
}
