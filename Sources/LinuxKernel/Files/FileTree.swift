internal import Glibc

/// Folders with everything in them.
package enum FileTree {
  /// The names in a folder, without `.` and `..`; none where there is no such folder.
  package static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The bytes that a file or a folder with its content takes on the disk. Stays on one file system and follows no links;
  /// what is missing takes nothing.
  package static func size(of path: String) -> Int64 {
    var status = stat()
    var linked: Set<ino_t> = []
    return lstat(path, &status) == 0 ? size(of: path, status, device: status.st_dev, linked: &linked) : 0
  }

  /// - Parameter linked: files of several names that have been counted.
  private static func size(of path: String, _ status: stat, device: dev_t, linked: inout Set<ino_t>) -> Int64 {
    guard status.st_dev == device else { return 0 }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    if !isFolder, status.st_nlink > 1, !linked.insert(status.st_ino).inserted { return 0 }
    // The kernel counts blocks of 512 bytes, whatever the file system's are.
    var sum = Int64(status.st_blocks) * 512
    guard isFolder else { return sum }
    for name in names(in: path) {
      let child = "\(path)/\(name)"
      var status = stat()
      if lstat(child, &status) == 0 { sum += size(of: child, status, device: device, linked: &linked) }
    }
    return sum
  }

  /// Removes a file or a folder with its content; what is missing already is no error. Stays on one file system: a mount
  /// point inside is left alone and makes the removal fail with EBUSY.
  package static func remove(_ path: String) throws(KernelError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    try remove(path, status, device: status.st_dev)
  }

  private static func remove(_ path: String, _ status: stat, device: dev_t) throws(KernelError) {
    guard status.st_mode & S_IFMT == S_IFDIR else {
      try ignoringMissing { () throws(KernelError) in try systemCall("unlink", path) { unlink(path) } }
      return
    }
    guard status.st_dev == device else {
      throw KernelError(errno: EBUSY, operation: "remove", object: path, remedy: "unmount it first")
    }
    for name in names(in: path) {
      let child = "\(path)/\(name)"
      var status = stat()
      if lstat(child, &status) == 0 { try remove(child, status, device: device) }
    }
    try ignoringMissing { () throws(KernelError) in try systemCall("rmdir", path) { rmdir(path) } }
  }

  private static func ignoringMissing(_ body: () throws(KernelError) -> Void) throws(KernelError) {
    do {
      try body()
    } catch {
      guard error.errno == ENOENT else { throw error }
    }
  }

  /// Removes a folder if it is empty; returns whether it is gone.
  @discardableResult
  package static func removeIfEmpty(_ folder: String) -> Bool { rmdir(folder) == 0 || errno == ENOENT }
}
