import Compression
import NIOCore

/// Compresses and decompresses header blocks. Each direction is one stream of zlib over the life of the connection, so
/// blocks have to be read and written in the order of their frames.
///
/// Source: SPDY Protocol, draft 3.1, section 2.6.10.
struct HeaderCompressor: ~Copyable {
  private var deflater: Deflater

  init() throws(SPDYError) {
    do throws(CompressionError) {
      // A small window: a node may have thousands of these.
      deflater = try Deflater(
        Deflater.Configuration(.zlib, windowBits: 11, dictionary: HeaderDictionary.bytes))
    } catch {
      throw SPDYError(.tooLarge, "headers cannot be compressed: \(error)")
    }
  }

  mutating func compress(_ headers: SPDYHeaders) throws(SPDYError) -> [UInt8] {
    var block = ByteBuffer()
    block.writeInteger(UInt32(headers.fields.count))
    for (name, values) in headers.fields.sorted(by: { $0.key < $1.key }) {
      let value = values.joined(separator: "\0")
      block.writeInteger(UInt32(name.utf8.count))
      block.writeString(name)
      block.writeInteger(UInt32(value.utf8.count))
      block.writeString(value)
    }
    do throws(CompressionError) {
      return try deflater.compress(Array(block.readableBytesView), flush: .sync)
    } catch {
      throw SPDYError(.tooLarge, "headers cannot be compressed: \(error)")
    }
  }
}

struct HeaderDecompressor: ~Copyable {
  /// What the headers of one stream may have.
  static let maximumSize = 256 << 10
  private var inflater: Inflater

  init() throws(SPDYError) {
    do throws(CompressionError) {
      inflater = try Inflater(Inflater.Configuration(.zlib, dictionary: HeaderDictionary.bytes))
    } catch {
      throw SPDYError(.tooLarge, "headers cannot be decompressed: \(error)")
    }
  }

  mutating func decompress(_ block: ByteBuffer) throws(SPDYError) -> SPDYHeaders {
    let bytes: [UInt8]
    do throws(CompressionError) {
      bytes = try inflater.decompress(Array(block.readableBytesView), limit: Self.maximumSize)
    } catch {
      throw SPDYError(error.code == .outputTooLarge ? .tooLarge : .protocolViolation, "a header block: \(error)")
    }
    return try Self.parse(ByteBuffer(bytes: bytes))
  }

  static func parse(_ block: ByteBuffer) throws(SPDYError) -> SPDYHeaders {
    var block = block
    guard let count = block.readInteger(as: UInt32.self) else { throw malformed }
    var headers = SPDYHeaders()
    for _ in 0..<count {
      guard let name = text(&block), let value = text(&block), !name.isEmpty else { throw malformed }
      let key = name.lowercased()
      guard headers.fields[key] == nil else {
        throw SPDYError(.protocolViolation, "a header block names \"\(key)\" twice")
      }
      headers.fields[key] = value.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    }
    return headers
  }

  private static var malformed: SPDYError { SPDYError(.protocolViolation, "a header block is malformed") }

  private static func text(_ block: inout ByteBuffer) -> String? {
    guard let length = block.readInteger(as: UInt32.self), Int(length) <= block.readableBytes else { return nil }
    return block.readString(length: Int(length))
  }
}
