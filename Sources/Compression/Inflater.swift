import CZlib

/// Decompresses a stream of bytes, within the caller's limits.
package struct Inflater: ~Copyable, Sendable {
  package struct Configuration: Sendable {
    package var format: CompressionFormat
    /// The largest window that is taken, as in ``Deflater/Configuration/windowBits``.
    package var windowBits: Int
    /// Bytes both sides know beforehand; used where the stream asks for them.
    package var dictionary: [UInt8]

    package init(_ format: CompressionFormat, windowBits: Int = 15, dictionary: [UInt8] = []) {
      self.format = format
      self.windowBits = windowBits
      self.dictionary = dictionary
    }
  }

  private let stream: ZlibStream
  private let dictionary: [UInt8]
  /// Whether the end of the stream has been read, and its checksum was right.
  package private(set) var isFinished = false

  package init(_ configuration: Configuration) throws(CompressionError) {
    dictionary = configuration.dictionary
    stream = try Self.stream(configuration)
  }

  private static func stream(_ configuration: Configuration) throws(CompressionError) -> ZlibStream {
    guard (8...15).contains(configuration.windowBits) else {
      throw CompressionError(
        .invalidConfiguration, "window bits \(configuration.windowBits) are not within 8...15")
    }
    return try ZlibStream(.inflating) { pointer in
      inflateInit2_(
        pointer, Int32(configuration.windowBits) + configuration.format.windowOffset, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    }
  }

  /// The bytes of the stream's next part. After an error the stream cannot be used any more.
  /// - Parameter limit: the most bytes this part may become.
  /// - Throws: ``CompressionError/Code/finished`` for input after the stream's end.
  package mutating func decompress(_ input: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
    var output: [UInt8] = []
    var taken = 0
    var room = min(max(input.count * 4, 256), limit + 1)
    while true {
      guard !isFinished else {
        if taken == input.count { return output }
        throw CompressionError(.finished, "the compressed stream has ended before its input")
      }
      let part = stream.part(of: input, from: taken, room: room, flush: Z_SYNC_FLUSH)
      taken += part.taken
      if output.isEmpty { output = part.output } else { output += part.output }
      guard output.count <= limit else {
        throw CompressionError(.outputTooLarge, "the data is larger than \(limit) bytes when it is decompressed")
      }
      switch part.code {
      case Z_STREAM_END: isFinished = true
      case Z_NEED_DICT: try giveDictionary()
      case Z_BUF_ERROR: return output
      case Z_OK where part.output.count < room && taken == input.count: return output
      // One byte more than the limit shows that the limit is passed.
      case Z_OK: room = min(max(output.count, 4096), limit + 1 - output.count)
      case Z_DATA_ERROR: throw CompressionError(.corrupted, "the compressed data is corrupted: \(stream.explanation)")
      default: throw ZlibStream.error(part.code, "cannot decompress")
      }
    }
  }

  private func giveDictionary() throws(CompressionError) {
    guard !dictionary.isEmpty, stream.setDictionary(dictionary) == Z_OK else {
      throw CompressionError(.wrongDictionary, "the compressed data needs a dictionary that is not known here")
    }
  }
}
