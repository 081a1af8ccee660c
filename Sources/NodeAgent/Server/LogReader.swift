import Glibc
import LinuxKernel
import Synchronization

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
    // Watched before the first read, so that no change falls between.
    let watch = options.follow ? try LogWatch(path: path) : nil
    var file = try OpenLog(path)
    if let lines = options.tailLines { file.skip(to: lines) }
    while true {
      try Task.checkCancellation()
      // Asked before reading: what was written up to the end is then read below.
      let mayGrow = options.follow ? await isRunning() : false
      try await Self.drain(file, &filter, write)
      guard !filter.isFull else { return }
      switch try file.place(path) {
      case .here:
        guard mayGrow, let watch else { return }
        try await watch.wait(milliseconds: 1000)
      case .away:
        // Moved aside, and the new one is not there yet; or gone with its pod.
        guard mayGrow, let watch else { return }
        try await watch.wait(milliseconds: 100)
      case .replaced(let next):
        // What was written between the last read and the rotation is at the end of the old file.
        try await Self.drain(file, &filter, write)
        file = next
      }
    }
  }

  /// Reads on to the end.
  private static func drain(
    _ file: OpenLog, _ filter: inout LogFilter, _ write: @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    var isAtEnd = false
    while !isAtEnd, !filter.isFull {
      let piece = try await BlockingThread.run { try file.next(pieceSize) }
      isAtEnd = piece.count < pieceSize
      let text = filter.take(piece)
      if !text.isEmpty { try await write(text) }
    }
  }
}

/// A log file that is read on, whatever name it gets meanwhile.
private final class OpenLog: Sendable {
  enum Place {
    case here
    /// The path names no file.
    case away
    /// Another one, after a rotation.
    case replaced(OpenLog)
  }

  private let file: FileDescriptor
  private let identity: UInt
  private let position = Mutex(0)

  init(_ path: String) throws {
    file = try FileDescriptor.open(path)
    let raw = file.rawValue
    var information = stat()
    try systemCall("fstat", path) { fstat(raw, &information) }
    identity = UInt(information.st_ino)
  }

  /// Leaves out all but the last lines.
  func skip(to lines: Int) { position.withLock { $0 = LogTail.offset(ofLast: lines, in: file) ?? 0 } }

  func next(_ count: Int) throws -> [UInt8] {
    let raw = file.rawValue
    let offset = position.withLock { $0 }
    var buffer = [UInt8](repeating: 0, count: count)
    let length = try systemCall("pread") { pread(raw, &buffer, count, offset) }
    buffer.removeSubrange(length...)
    position.withLock { $0 += length }
    return buffer
  }

  func place(_ path: String) throws -> Place {
    let other: OpenLog
    do {
      other = try OpenLog(path)
    } catch let error as KernelError where error.errno == ENOENT {
      return .away
    }
    return other.identity == identity ? .here : .replaced(other)
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
