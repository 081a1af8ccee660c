import LinuxKernel

/// What a process holds in memory, as /proc tells.
enum ProcessMemory {
  /// Resident, in megabytes.
  static func resident(_ pid: Int32) throws -> Double {
    for line in try KernelFile.text("/proc/\(pid)/status").split(separator: "\n") {
      // proc(5): "VmRSS:     12345 kB", which are kibibytes.
      guard line.hasPrefix("VmRSS:"), let number = line.split(whereSeparator: \.isWhitespace).dropFirst().first,
        let kibibytes = Double(number)
      else { continue }
      return kibibytes * 1024 / 1e6
    }
    throw BenchError(.unexpected, "/proc/\(pid)/status has no VmRSS")
  }
}
