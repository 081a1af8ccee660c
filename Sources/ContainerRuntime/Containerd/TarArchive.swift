/// Writes a POSIX (ustar) archive in memory, for image archives of our own making. Owner root, time zero, so that the
/// same content gives the same bytes.
package struct TarArchive: Sendable {
  private var content: [UInt8] = []

  package init() {}

  /// - Parameter path: at most 100 bytes of UTF-8.
  package mutating func addFile(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644) {
    content += header(path, mode: mode, size: bytes.count, type: UInt8(ascii: "0"))
    content += bytes
    content += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }

  package mutating func addFolder(_ path: String, mode: UInt32 = 0o755) {
    content += header(path.hasSuffix("/") ? path : path + "/", mode: mode, size: 0, type: UInt8(ascii: "5"))
  }

  /// The archive with its end marker.
  package var bytes: [UInt8] { content + [UInt8](repeating: 0, count: 1024) }

  private func header(_ path: String, mode: UInt32, size: Int, type: UInt8) -> [UInt8] {
    precondition(path.utf8.count <= 100, "tar path \(path) is longer than 100 bytes")
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: some Sequence<UInt8>, at offset: Int) {
      for (index, byte) in text.enumerated() { block[offset + index] = byte }
    }
    func octal(_ value: Int, width: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(0, width - digits.count)) + digits).utf8)
    }
    put(path.utf8, at: 0)
    put(octal(Int(mode), width: 7), at: 100)
    put(octal(0, width: 7), at: 108)
    put(octal(0, width: 7), at: 116)
    put(octal(size, width: 11), at: 124)
    put(octal(0, width: 11), at: 136)
    put(repeatElement(UInt8(ascii: " "), count: 8), at: 148)
    block[156] = type
    put("ustar".utf8, at: 257)
    put("00".utf8, at: 263)
    let sum = block.reduce(0) { $0 + Int($1) }
    put(octal(sum, width: 6) + [0, UInt8(ascii: " ")], at: 148)
    return block
  }
}
