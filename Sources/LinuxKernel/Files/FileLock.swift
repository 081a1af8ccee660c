internal import Glibc

/// An advisory lock on a file (flock(2)). It lasts as long as any process holds a copy of the descriptor.
package struct FileLock: ~Copyable, Sendable {
  package let descriptor: FileDescriptor

  /// Takes the lock of a file, which is made where it is missing; `nil` where another holds it.
  package static func tryExclusive(_ path: String) throws(KernelError) -> FileLock? {
    let file = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
    let raw = file.rawValue
    guard try nonblockingCall("flock", path, { flock(raw, LOCK_EX | LOCK_NB) }) != nil else { return nil }
    return FileLock(descriptor: file)
  }

  /// Waits on the calling thread until nobody else holds the lock, and takes it. ENOENT where the file is gone.
  package static func waitExclusive(_ path: String) throws(KernelError) -> FileLock {
    let file = try FileDescriptor.open(path, O_RDWR)
    let raw = file.rawValue
    try systemCall("flock", path) { flock(raw, LOCK_EX) }
    return FileLock(descriptor: file)
  }
}
