/// How a compressed stream is framed.
package enum CompressionFormat: Hashable, Sendable {
  /// RFC 1950: two bytes of header, an Adler-32 checksum at the end; the one that knows dictionaries.
  case zlib
  /// RFC 1952, what HTTP calls `gzip`.
  case gzip

  /// What zlib's `windowBits` argument adds for the format.
  var windowOffset: Int32 {
    switch self {
    case .zlib: 0
    case .gzip: 16
    }
  }
}

/// How much of what a ``Deflater`` was given is to be in its output.
package enum CompressionFlush: Hashable, Sendable {
  /// As much as compresses well.
  case none
  /// All of it, so that the reader can go on with what it has got (`Z_SYNC_FLUSH`).
  case sync
  /// All of it, and the stream's end.
  case finish
}
