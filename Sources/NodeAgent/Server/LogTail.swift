import Glibc
import LinuxKernel

/// The end of a log file.
enum LogTail {
  /// The content of the last lines, without the records' heads.
  static func last(lines: Int, bytes: Int, of path: String) -> [UInt8] {
    guard let file = try? FileDescriptor.open(path), let start = offset(ofLast: lines, in: file),
      lseek(file.rawValue, start, SEEK_SET) >= 0, let content = try? file.readToEnd()
    else { return [] }
    var result: [UInt8] = []
    for record in content.split(separator: UInt8(ascii: "\n")) {
      guard let line = LogLine(record) else { continue }
      result += line.content
      if !line.isPartial { result.append(UInt8(ascii: "\n")) }
    }
    return Array(result.suffix(bytes))
  }

  /// Where the last `lines` records begin, found from the end without reading the whole file; `nil` where it cannot
  /// be read. A line that was split over several records counts as many.
  static func offset(ofLast lines: Int, in file: borrowing FileDescriptor) -> Int? {
    let size = lseek(file.rawValue, 0, SEEK_END)
    guard size >= 0 else { return nil }
    guard lines > 0 else { return size }
    let blockSize = 64 << 10
    var position = size
    var found = 0
    var buffer = [UInt8](repeating: 0, count: blockSize)
    while position > 0 {
      let count = min(blockSize, position)
      position -= count
      let length = pread(file.rawValue, &buffer, count, position)
      guard length == count else { return nil }
      for index in stride(from: count - 1, through: 0, by: -1) where buffer[index] == UInt8(ascii: "\n") {
        // The line end at the very end of the file ends the last line; it does not begin one.
        if position + index == size - 1 { continue }
        found += 1
        if found == lines { return position + index + 1 }
      }
    }
    return 0
  }
}
