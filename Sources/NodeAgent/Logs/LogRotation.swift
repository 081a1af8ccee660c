import Compression
import Glibc
import LinuxKernel

/// Keeps a container's log within its size by moving it aside as `LOG.YYYYMMDD-HHMMSS`, and a few of those, compressed
/// but for the newest, into which its writer may still write.
struct LogRotation: Sendable {
  /// The current file.
  let path: String
  /// Bytes above which the file is moved aside.
  let limit: Int
  /// How many files there are at most, the current one included.
  let files: Int

  var isDue: Bool {
    var information = stat()
    return stat(path, &information) == 0 && Int(information.st_size) > limit
  }

  /// Moves the current file aside, removes the oldest and compresses the others. Whoever writes goes on in the moved
  /// file until told.
  /// - Returns: where the file is now.
  func moveAside(at seconds: Int64) throws -> String {
    removeOldest(keeping: max(0, files - 2))
    for name in Self.rotated(path) where !name.hasSuffix(Self.compressedSuffix) { try Self.compress(name) }
    var target = "\(path).\(Self.stamp(seconds))"
    // Two in one second happen in tests and with very fast writers.
    while KernelFile.exists(target) || KernelFile.exists(target + Self.compressedSuffix) { target += "0" }
    let moved = target
    try systemCall("rename", path) { rename(path, moved) }
    return moved
  }

  /// Puts it back, where the writer could not be told.
  func putBack(_ moved: String) { if !KernelFile.exists(path) { rename(moved, path) } }

  func removeOldest(keeping count: Int) {
    for name in Self.rotated(path).dropLast(count) { unlink(name) }
  }

  static let compressedSuffix = ".gz"
  private static let unfinishedSuffix = ".tmp"

  /// By pieces: a log may be larger than what an agent should hold.
  private static func compress(_ name: String) throws {
    let unfinished = name + unfinishedSuffix
    let input = try FileDescriptor.open(name)
    let output = try FileDescriptor.open(unfinished, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o640)
    var deflater = try Deflater(Deflater.Configuration(.gzip))
    while true {
      let piece = try input.read(upTo: 256 << 10)
      try output.write(try deflater.compress(piece, flush: piece.isEmpty ? .finish : .none))
      if piece.isEmpty { break }
    }
    try systemCall("rename", name) { rename(unfinished, name + compressedSuffix) }
    unlink(name)
  }

  /// The files that were moved aside, oldest first. What an earlier agent did not finish is removed.
  static func rotated(_ path: String) -> [String] {
    guard let slash = path.lastIndex(of: "/") else { return [] }
    let (folder, name) = (path[..<slash], path[path.index(after: slash)...])
    let all = FileTree.names(in: String(folder)).filter { $0.hasPrefix(name + ".") }.map { "\(folder)/\($0)" }
    for left in all where left.hasSuffix(unfinishedSuffix) { unlink(left) }
    return all.filter { !$0.hasSuffix(unfinishedSuffix) }
  }

  private static func stamp(_ seconds: Int64) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
    return "\(date)-\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))"
  }
}
