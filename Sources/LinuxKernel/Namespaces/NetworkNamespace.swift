internal import CLinux
internal import Glibc

/// A network namespace, held by a descriptor: it lives at least as long as this object.
///
/// Work in it is a synchronous closure on a thread of its own (`setns` belongs to the thread, a `Task` changes
/// threads). For anything long-lived make a socket there: a socket keeps its namespace and serves any thread.
package final class NetworkNamespace: Sendable, CustomStringConvertible {
  package let descriptor: FileDescriptor
  /// The path or words it was found by, for messages.
  package let description: String

  private init(_ descriptor: consuming FileDescriptor, description: String) {
    self.descriptor = descriptor
    self.description = description
  }

  /// Opens a namespace file such as `/run/netns/NAME` or `/proc/PID/ns/net`. ENOENT where it is gone; EINVAL where
  /// the path is no network namespace.
  package static func open(path: String) throws(KernelError) -> NetworkNamespace {
    let namespace = NetworkNamespace(try .open(path), description: path)
    let raw = namespace.descriptor.rawValue
    // A path whose bind mount is gone is a plain file, to which the namespace ioctl answers ENOTTY.
    guard swb_namespace_type(raw) == CInt(SWB_CLONE_NEWNET) else {
      throw KernelError(
        errno: EINVAL, operation: "open network namespace", object: path,
        remedy: "the path does not refer to a network namespace (any more)")
    }
    return namespace
  }

  package static func open(process: Int32) throws(KernelError) -> NetworkNamespace {
    try open(path: "/proc/\(process)/ns/net")
  }

  /// The calling thread's namespace.
  package static func current() throws(KernelError) -> NetworkNamespace {
    try open(path: "/proc/thread-self/ns/net")
  }

  /// Makes a new, empty namespace that ends with the last descriptor or process that holds it.
  package static func create() throws(KernelError) -> NetworkNamespace {
    let result = try ThrowawayThread.run { () -> Result<NetworkNamespace, KernelError> in
      Result { () throws(KernelError) in
        try systemCall("unshare", "network namespace") { swb_unshare(CInt(SWB_CLONE_NEWNET)) }
        return NetworkNamespace(try .open("/proc/thread-self/ns/net"), description: "anonymous network namespace")
      }
    }
    return try result.get()
  }

  /// The inode number, which names the namespace: `net:[4026531840]`.
  package var inode: UInt64 {
    var status = stat()
    return fstat(descriptor.rawValue, &status) == 0 ? UInt64(status.st_ino) : 0
  }

  /// Runs `body` on a new thread inside the namespace and waits for it. The thread goes back before it ends, so that
  /// nothing that `body` started on the side inherits the namespace unasked.
  package func run<Value>(_ body: () throws -> Value) throws -> Value {
    let outcome = try ThrowawayThread.run { () -> Result<Value, any Error> in
      Result {
        let home = try FileDescriptor.open("/proc/thread-self/ns/net")
        try self.enter()
        let outcome = Result { try body() }
        let raw = home.rawValue
        try systemCall("setns", "back") { swb_setns(raw, CInt(SWB_CLONE_NEWNET)) }
        return try outcome.get()
      }
    }
    return try outcome.get()
  }

  /// Moves the calling thread for good. For single-threaded programs and threads that end in here.
  package func enter() throws(KernelError) {
    let raw = descriptor.rawValue
    try systemCall("setns", description) { swb_setns(raw, CInt(SWB_CLONE_NEWNET)) }
  }

  /// A socket that belongs to the namespace and may be used by any thread.
  package func socket(
    _ domain: Int32, _ type: Int32, _ protocolNumber: Int32 = 0
  ) throws -> FileDescriptor {
    let raw = try run { () throws(KernelError) -> Int32 in
      try FileDescriptor.socket(domain, type, protocolNumber).release()
    }
    return FileDescriptor(adopting: raw)
  }
}

extension FileDescriptor {
  /// A socket in the calling thread's network namespace.
  package static func socket(
    _ domain: Int32, _ type: Int32, _ protocolNumber: Int32 = 0
  ) throws(KernelError) -> FileDescriptor {
    FileDescriptor(
      adopting: try systemCall("socket") {
        // SOCK_CLOEXEC
        Glibc.socket(domain, type | 0o2000000, protocolNumber)
      })
  }
}
