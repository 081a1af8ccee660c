import Glibc
import LinuxKernel

/// What a node reports of the machine it is on.
struct MachineFacts: Sendable, Hashable {
  var milliCPU: Int64
  /// Bytes.
  var memory: Int64
  var kernelVersion: String
  var operatingSystem: String
  var machineID: String
  var systemUUID: String
  var bootID: String
  /// Go's name: `amd64`.
  var architecture: String
  /// Bytes of the file system that holds the agent's state.
  var storage: Int64

  static func read(stateDirectory: String, memoryLimitPath: String? = nil) -> MachineFacts {
    var name = utsname()
    uname(&name)
    let release = withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    var space = statvfs()
    let storage =
      statvfs(stateDirectory, &space) == 0 || statvfs("/", &space) == 0 ? Int64(space.f_blocks * space.f_frsize) : 0
    #if arch(arm64)
      let architecture = "arm64"
    #else
      let architecture = "amd64"
    #endif
    return MachineFacts(
      milliCPU: Int64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) * 1000,
      memory: memoryTotal(KernelFile.firstLine("/proc/meminfo") ?? ""),
      kernelVersion: release, operatingSystem: prettyName((try? KernelFile.text("/etc/os-release")) ?? ""),
      machineID: KernelFile.firstLine("/etc/machine-id") ?? "",
      systemUUID: KernelFile.firstLine("/sys/class/dmi/id/product_uuid") ?? "",
      bootID: KernelFile.firstLine("/proc/sys/kernel/random/boot_id") ?? "", architecture: architecture,
      storage: storage)
  }

  /// From `MemTotal:  16265924 kB`.
  static func memoryTotal(_ line: String) -> Int64 {
    let digits = line.filter(\.isNumber)
    return (Int64(digits) ?? 0) * 1024
  }

  static func prettyName(_ release: String) -> String {
    for line in release.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
      return line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }
    }
    return "Linux"
  }
}
