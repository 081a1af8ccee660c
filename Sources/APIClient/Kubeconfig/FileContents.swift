import Glibc

/// Whole files, read without Foundation.
enum FileContents {
  /// Throws ``APIError`` that names the file, what it is for, and the system's reason.
  static func read(_ path: String, purpose: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, purpose) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path, purpose) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  private static func failure(_ path: String, _ purpose: String) -> APIError {
    APIError(.configuration, "cannot read \(purpose) from \(path): \(String(cString: strerror(errno)))")
  }
}
