import Glibc
import LinuxKernel

/// A directory whose files change all at once: readers see the old set or the new one.
///
/// The layout is upstream's, which programs that watch for changes rely on: the files lie in a hidden folder with a
/// name of its own, `..data` is a link to it that one rename moves, and each visible name is a link through `..data`.
struct AtomicDirectory: Sendable {
  struct File: Sendable, Hashable {
    /// Relative, without `..` in it.
    var path: String
    var content: [UInt8]
    var mode: UInt32
    /// Whose it is, where it is not root's.
    var owner: UInt32?
  }

  let path: String
  /// The group that may read the files (`fsGroup`).
  var group: UInt32?

  /// Makes the directory hold exactly `files`. Returns whether anything changed.
  @discardableResult
  func write(_ files: [File]) throws -> Bool {
    let data = path + "/..data"
    if let current = Self.linkTarget(data), isCurrent(files, in: "\(path)/\(current)") { return false }
    try KernelFile.makeFolder(path)
    let folder = "..\(Self.stamp())"
    let target = "\(path)/\(folder)"
    try systemCall("mkdir", target) { mkdir(target, 0o755) }
    for file in files {
      let place = "\(target)/\(file.path)"
      if let slash = place.lastIndex(of: "/") { try KernelFile.makeFolder(String(place[..<slash])) }
      let descriptor = try FileDescriptor.open(place, O_WRONLY | O_CREAT | O_EXCL, mode: file.mode)
      try descriptor.write(file.content)
      // The mode asked for holds whatever the umask is.
      try systemCall("chmod", place) { chmod(place, group == nil ? file.mode : file.mode | 0o440) }
      if group != nil || file.owner != nil {
        try systemCall("chown", place) { chown(place, file.owner ?? .max, group ?? .max) }
      }
    }
    let previous = Self.linkTarget(data)
    let temporary = path + "/..data_tmp"
    unlink(temporary)
    try systemCall("symlink", temporary) { symlink(folder, temporary) }
    try systemCall("rename", data) { rename(temporary, data) }

    let visible = Set(files.map { String($0.path.prefix { $0 != "/" }) })
    for name in visible where Self.linkTarget("\(path)/\(name)") == nil {
      try systemCall("symlink", name) { symlink("..data/\(name)", "\(path)/\(name)") }
    }
    for name in FileTree.names(in: path) where !name.hasPrefix("..") && !visible.contains(name) {
      unlink("\(path)/\(name)")
    }
    if let previous, previous != folder { try FileTree.remove("\(path)/\(previous)") }
    return true
  }

  private func isCurrent(_ files: [File], in folder: String) -> Bool {
    var names: Set<String> = []
    Self.collect(folder, prefix: "", into: &names)
    guard names == Set(files.map(\.path)) else { return false }
    return files.allSatisfy { file in
      guard let content = try? KernelFile.read("\(folder)/\(file.path)") else { return false }
      return content == file.content
    }
  }

  private static func collect(_ folder: String, prefix: String, into names: inout Set<String>) {
    for name in FileTree.names(in: folder) {
      let place = "\(folder)/\(name)"
      var information = stat()
      guard lstat(place, &information) == 0 else { continue }
      if information.st_mode & S_IFMT == S_IFDIR {
        collect(place, prefix: prefix + name + "/", into: &names)
      } else {
        names.insert(prefix + name)
      }
    }
  }

  private static func linkTarget(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let length = buffer.withUnsafeMutableBytes {
      readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : nil
  }

  private static func stamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return "\(now.tv_sec).\(now.tv_nsec)"
  }
}
