internal import Glibc

/// The code of this process in memory.
package enum ProcessText {
  /// Gives back the pages of code that are resident: those that go on being used come back by themselves, from the page
  /// cache, and what only the start needed stays away. Costs some hundred page faults.
  /// - Returns: how many bytes were mapped.
  @discardableResult
  package static func release() throws(KernelError) -> Int {
    var released = 0
    // proc(5): "55d0c0a00000-55d0c0b00000 r-xp 00001000 fe:00 1234  FILE". Code that was written to is not file's any more.
    for line in try KernelFile.text("/proc/self/maps").split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 5, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
      let ends = fields[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
      guard ends.count == 2, let start = UnsafeMutableRawPointer(bitPattern: ends[0]) else { continue }
      let length = Int(ends[1] - ends[0])
      try systemCall("madvise", "\(fields[5])") { madvise(start, length, MADV_DONTNEED) }
      released += length
    }
    return released
  }
}
