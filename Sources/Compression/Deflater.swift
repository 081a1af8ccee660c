import CZlib

/// Compresses a stream of bytes.
package struct Deflater: ~Copyable, Sendable {
  package struct Configuration: Sendable {
    package var format: CompressionFormat
    /// 0 (none) to 9 (smallest), or -1 for zlib's own choice.
    package var level: Int
    /// The window is 2 to the power of this, 9 to 15: the memory both sides need.
    package var windowBits: Int
    /// Bytes both sides know beforehand; for `zlib` alone.
    package var dictionary: [UInt8]

    package init(_ format: CompressionFormat, level: Int = -1, windowBits: Int = 15, dictionary: [UInt8] = []) {
      self.format = format
      self.level = level
      self.windowBits = windowBits
      self.dictionary = dictionary
    }
  }

  private let stream: ZlibStream
  /// Whether the end of the stream has been made.
  package private(set) var isFinished = false

  package init(_ configuration: Configuration) throws(CompressionError) { stream = try Self.stream(configuration) }

  private static func stream(_ configuration: Configuration) throws(CompressionError) -> ZlibStream {
    guard (9...15).contains(configuration.windowBits), (-1...9).contains(configuration.level) else {
      throw CompressionError(
        .invalidConfiguration,
        "level \(configuration.level) and window bits \(configuration.windowBits) are not within -1...9 and 9...15")
    }
    let stream = try ZlibStream(.deflating) { pointer in
      // 8 is zlib's own choice of memory for what it remembers (DEF_MEM_LEVEL in zutil.h).
      deflateInit2_(
        pointer, Int32(configuration.level), Z_DEFLATED,
        Int32(configuration.windowBits) + configuration.format.windowOffset, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    }
    if !configuration.dictionary.isEmpty, stream.setDictionary(configuration.dictionary) != Z_OK {
      throw CompressionError(.invalidConfiguration, "a stream of this format takes no dictionary")
    }
    return stream
  }

  /// Compresses `input` as the stream's next part.
  /// - Throws: ``CompressionError/Code/finished`` after the end.
  package mutating func compress(
    _ input: [UInt8], flush: CompressionFlush = .none
  ) throws(CompressionError) -> [UInt8] {
    guard !isFinished else { throw CompressionError(.finished, "the compressed stream has ended") }
    let word: Int32 =
      switch flush {
      case .none: Z_NO_FLUSH
      case .sync: Z_SYNC_FLUSH
      case .finish: Z_FINISH
      }
    var output: [UInt8] = []
    var taken = 0
    // Enough for most: a part that compresses to half, and the flush's own bytes.
    var room = input.count / 2 + 64
    while true {
      let part = stream.part(of: input, from: taken, room: room, flush: word)
      taken += part.taken
      if output.isEmpty { output = part.output } else { output += part.output }
      switch part.code {
      case Z_STREAM_END:
        isFinished = true
        return output
      // No progress was possible: all that was asked for is there.
      case Z_BUF_ERROR: return output
      case Z_OK where part.output.count < room && taken == input.count && flush != .finish: return output
      case Z_OK: room = max(4096, room)
      default: throw ZlibStream.error(part.code, "cannot compress")
      }
    }
  }
}

extension CompressionFormat {
  /// The whole of `input` in this format.
  package func compressed(_ input: [UInt8], level: Int = -1) throws(CompressionError) -> [UInt8] {
    var deflater = try Deflater(Deflater.Configuration(self, level: level))
    return try deflater.compress(input, flush: .finish)
  }
}
