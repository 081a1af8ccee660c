import Lab
import LinuxKernel

/// Waiting for a file that another process makes.
enum FileArrival {
  /// Blocks the calling thread until the file is there, or `isThere` says so. Its folder has to exist.
  static func wait(
    for path: String, limit: Duration, until isThere: (String) -> Bool = KernelFile.exists
  ) throws {
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    let watch = try FolderWatch()
    try watch.add(folder)
    let deadline = ContinuousClock.now + limit
    while !isThere(path) {
      let left = deadline - .now
      guard left > .zero else { throw LabError(.notReady, "\(path) was not there within \(limit)") }
      _ = try Descriptors.waitReadable(
        [watch.descriptor.rawValue], milliseconds: Int32(clamping: left.components.seconds * 1000 + 1000))
      try watch.drain()
    }
  }
}
