/// Kernel settings below /proc/sys. Those under `net` belong to the calling thread's network namespace.
package enum Sysctl {
  /// Reads `net/ipv4/ip_forward` and the like; names use slashes, since interface names may hold dots.
  package static func read(_ name: String) throws(KernelError) -> String {
    let text = try KernelFile.text("/proc/sys/\(name)")
    return String(text.prefix { $0 != "\n" })
  }

  /// Writes a value, leaving the file alone where it holds it already (so a read-only /proc that is right will do).
  /// Returns whether anything changed.
  @discardableResult
  package static func set(_ name: String, to value: String) throws(KernelError) -> Bool {
    guard try read(name) != value else { return false }
    try KernelFile.write(value, to: "/proc/sys/\(name)")
    return true
  }
}
