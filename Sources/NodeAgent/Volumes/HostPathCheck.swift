import Glibc
import LinuxKernel

/// The `type` of a `hostPath` volume: what must be there, or is made.
enum HostPathCheck {
  static func prepare(path: String, type: String) throws {
    var information = stat()
    let exists = stat(path, &information) == 0
    let kind = information.st_mode & S_IFMT
    switch type {
    case "": return
    case "DirectoryOrCreate":
      if !exists { try KernelFile.makeFolder(path) } else if kind != S_IFDIR { throw wrong(path, "a directory") }
    case "FileOrCreate":
      if !exists {
        _ = try FileDescriptor.open(path, O_WRONLY | O_CREAT, mode: 0o644)
      } else if kind != S_IFREG {
        throw wrong(path, "a file")
      }
    case "Directory": if !exists || kind != S_IFDIR { throw wrong(path, "a directory") }
    case "File": if !exists || kind != S_IFREG { throw wrong(path, "a file") }
    case "Socket": if !exists || kind != S_IFSOCK { throw wrong(path, "a socket file") }
    case "CharDevice": if !exists || kind != S_IFCHR { throw wrong(path, "a character device") }
    case "BlockDevice": if !exists || kind != S_IFBLK { throw wrong(path, "a block device") }
    default: throw NodeAgentError(.failedMount, "hostPath type \(type) is unknown")
    }
  }

  private static func wrong(_ path: String, _ what: String) -> NodeAgentError {
    NodeAgentError(.failedMount, "hostPath type check failed: \(path) is not \(what)")
  }
}
