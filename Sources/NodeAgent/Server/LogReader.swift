import Glibc
import LinuxKernel

/// Reads a container's log file from where the request begins, and follows it, through rotations, while the container
/// runs.
struct LogReader: Sendable {
  let path: String
  let options: LogOptions

  private static let pieceSize = 64 << 10

  /// - Parameters:
  ///   - isRunning: whether more may come.
  ///   - write: takes text; awaited before more is read.
  func run(
    isRunning: @Sendable () async -> Bool, write: @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    var filter = LogFilter(options)
    var position = try await start()
    var identity = try Self.identity(path)
    // Watched before the first read, so that no change falls between.
    let watch = options.follow ? try LogWatch(path: path) : nil
    while !filter.isFull {
      try Task.checkCancellation()
      // Asked before reading: what was written up to the end is then read below.
      let mayGrow = options.follow ? await isRunning() : false
      var isAtEnd = false
      while !isAtEnd, !filter.isFull {
        let (offset, file) = (position, identity)
        let piece = try await BlockingThread.run { [path] in try Self.read(path, identity: file, at: offset) }
        guard let piece else { break }
        isAtEnd = piece.count < Self.pieceSize
        position += piece.count
        let text = filter.take(piece)
        if !text.isEmpty { try await write(text) }
      }
      // The file goes with its pod.
      guard let current = try? Self.identity(path) else { return }
      if current != identity {
        (identity, position) = (current, 0)
        continue
      }
      guard mayGrow, let watch else { return }
      try await watch.wait(milliseconds: 1000)
    }
  }

  private func start() async throws -> Int {
    guard let lines = options.tailLines else { return 0 }
    return try await BlockingThread.run { [path] in
      let file = try FileDescriptor.open(path)
      return LogTail.offset(ofLast: lines, in: file) ?? 0
    }
  }

  /// Which file the path names; another one after a rotation.
  private static func identity(_ path: String) throws -> UInt {
    var information = stat()
    try systemCall("stat", path) { stat(path, &information) }
    return UInt(information.st_ino)
  }

  /// `nil` where the path names another file by now, or none.
  private static func read(_ path: String, identity: UInt, at offset: Int) throws -> [UInt8]? {
    guard KernelFile.exists(path) else { return nil }
    let file = try FileDescriptor.open(path)
    let descriptor = file.rawValue
    var information = stat()
    guard fstat(descriptor, &information) == 0, UInt(information.st_ino) == identity else { return nil }
    var buffer = [UInt8](repeating: 0, count: pieceSize)
    let length = try systemCall("pread", path) { pread(descriptor, &buffer, pieceSize, offset) }
    buffer.removeSubrange(length...)
    return buffer
  }
}

/// Wakes when the folder of a log changes.
private final class LogWatch: Sendable {
  private let descriptor: FileDescriptor

  init(path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let raw = try systemCall("inotify_init1") { inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)) }
    descriptor = FileDescriptor(adopting: raw)
    try systemCall("inotify_add_watch", folder) {
      inotify_add_watch(raw, folder, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO))
    }
  }

  /// Returns at a change or after `milliseconds`, so that the end of the container is noticed as well.
  func wait(milliseconds: Int32) async throws {
    try await BlockingThread.run { [self] in
      var poll = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
      guard Glibc.poll(&poll, 1, milliseconds) > 0 else { return }
      _ = try descriptor.read(upTo: 16 << 10)
    }
  }
}
