internal import Glibc

/// Tells when files appear in folders (inotify(7)).
package struct FolderWatch: ~Copyable, Sendable {
  /// Readable once something changed since the last ``drain()``.
  package let descriptor: FileDescriptor

  package init() throws(KernelError) {
    descriptor = FileDescriptor(
      adopting: try systemCall("inotify_init1") { inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)) })
  }

  /// Watches a folder that exists for files that are made in it, renamed into it, closed after writing, or
  /// get other rights.
  package borrowing func add(_ folder: String) throws(KernelError) {
    let raw = descriptor.rawValue
    try systemCall("inotify_add_watch", folder) {
      inotify_add_watch(raw, folder, UInt32(IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB))
    }
  }

  /// Forgets what was reported so far. Look at the folder after this, never before.
  package borrowing func drain() throws(KernelError) {
    let raw = descriptor.rawValue
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while try nonblockingCall("read inotify", "", { Glibc.read(raw, &buffer, buffer.count) }) != nil {}
  }
}
