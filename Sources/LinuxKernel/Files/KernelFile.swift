internal import Glibc

/// Whole small files: /proc, /sys and our own configuration.
package enum KernelFile {
  package static func read(_ path: String) throws(KernelError) -> [UInt8] {
    let file = try FileDescriptor.open(path)
    return try file.readToEnd()
  }

  package static func text(_ path: String) throws(KernelError) -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// The text without the line end, or `nil` where the file cannot be read.
  package static func firstLine(_ path: String) -> String? {
    guard let content = try? read(path) else { return nil }
    return String(decoding: content.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// Writes with one `write`, as /proc and /sys files want it. The file must exist.
  package static func write(_ text: String, to path: String) throws(KernelError) {
    let file = try FileDescriptor.open(path, O_WRONLY)
    let bytes = Array(text.utf8)
    let raw = file.rawValue
    try systemCall("write", path) { Glibc.write(raw, bytes, bytes.count) }
  }

  /// Puts a whole file in place at once: readers see the old or the new one, never half. Parent folders must exist.
  package static func replace(_ path: String, with content: [UInt8], mode: UInt32 = 0o644) throws(KernelError) {
    let temporary = "\(path).\(getpid()).tmp"
    do {
      let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
      try file.write(content)
      try systemCall("rename", path) { Glibc.rename(temporary, path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Makes a symbolic link to `target` in the place of whatever file or link is there.
  package static func link(_ path: String, to target: String) throws(KernelError) {
    let temporary = "\(path).\(getpid()).tmp"
    do {
      try systemCall("symlink", temporary) { symlink(target, temporary) }
      try systemCall("rename", path) { Glibc.rename(temporary, path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Gives a file another name on the same file system; what had that name is gone.
  package static func rename(_ path: String, to other: String) throws(KernelError) {
    try systemCall("rename", path) { Glibc.rename(path, other) }
  }

  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes a folder and those above it; a folder that is there is left alone.
  package static func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(KernelError) {
    var current = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      current += "/\(part)"
      let folder = current
      do {
        try systemCall("mkdir", folder) { mkdir(folder, mode) }
      } catch {
        guard error.errno == EEXIST else { throw error }
      }
    }
  }
}
