/// Why bytes could not be compressed or decompressed.
package struct CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// A level or window that zlib does not know.
    case invalidConfiguration
    case outOfMemory
    /// The input is not of its format, or its checksum does not fit.
    case corrupted
    /// The input was made with a dictionary, and none or another one is known here.
    case wrongDictionary
    /// The output would pass the caller's limit.
    case outputTooLarge
    /// The stream has ended; nothing can be added.
    case finished
    /// What zlib says and this module does not expect.
    case unknown(Int32)
  }

  package let code: Code
  package let message: String
  package let location: String

  package init(_ code: Code, _ message: String, file: String = #fileID, line: Int = #line) {
    self.code = code
    self.message = message
    location = "\(file):\(line)"
  }

  package var description: String { message }

  package static func == (left: Self, right: Self) -> Bool {
    left.code == right.code && left.message == right.message
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(code)
    hasher.combine(message)
  }
}
