internal import CLinux
internal import Glibc

/// A folder that paths are resolved in and never lead out of, whatever links or `..` they pass (openat2(2) with
/// RESOLVE_BENEATH): a link to an absolute path or above the folder fails with EXDEV.
package struct FolderRoot: ~Copyable {
  private let folder: FileDescriptor

  /// The path of the folder itself may lead through links.
  package init(_ path: String) throws(KernelError) {
    folder = try FileDescriptor.open(path, pathOnly | O_DIRECTORY)
  }

  /// The permission bits of the folder, with set-user, set-group and sticky.
  package borrowing func mode() throws(KernelError) -> UInt32 {
    let raw = folder.rawValue
    var information = stat()
    try systemCall("fstat") { fstat(raw, &information) }
    return information.st_mode & 0o7777
  }

  /// A descriptor that names the file or folder, good for ``Mount/bind(_:at:recursive:)`` and nothing else.
  package borrowing func find(_ path: String) throws(KernelError) -> FileDescriptor {
    try open(path, pathOnly)
  }

  /// Makes the folders of `path` that are missing, with exactly this mode whatever our umask is.
  package borrowing func makeFolders(_ path: String, mode: UInt32) throws(KernelError) {
    var done = "."
    for part in path.split(separator: "/") where part != "." {
      let next = "\(done)/\(part)"
      do {
        _ = try open(next, pathOnly | O_DIRECTORY)
      } catch {
        guard error.errno == ENOENT else { throw error }
        try makeFolder(String(part), in: done, mode: mode)
      }
      done = next
    }
  }

  private borrowing func makeFolder(_ name: String, in parent: String, mode: UInt32) throws(KernelError) {
    let parent = try open(parent, pathOnly | O_DIRECTORY)
    let raw = parent.rawValue
    do {
      try systemCall("mkdirat", name) { mkdirat(raw, name, mode) }
    } catch {
      guard error.errno == EEXIST else { throw error }
    }
    // What is there now may be a link that somebody put there meanwhile.
    let made = FileDescriptor(
      adopting: try systemCall("openat2", name) { swb_open_beneath(raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) })
    let descriptor = made.rawValue
    try systemCall("fchmod", name) { fchmod(descriptor, mode) }
  }

  private borrowing func open(_ path: String, _ flags: Int32) throws(KernelError) -> FileDescriptor {
    let raw = folder.rawValue
    return FileDescriptor(adopting: try systemCall("openat2", path) { swb_open_beneath(raw, path, flags) })
  }
}

private let pathOnly = Int32(SWB_O_PATH)
