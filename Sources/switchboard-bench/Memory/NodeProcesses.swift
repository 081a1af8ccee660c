import Lab
import LinuxKernel

/// The programs that a node's supervisor keeps running, as /proc shows them.
struct NodeProcesses {
  struct Program {
    let pid: Int32
    /// The whole command line.
    let arguments: [String]
  }

  let programs: [Program]

  init(of supervisor: ProcessIdentity) {
    programs = FileTree.names(in: "/proc").compactMap { name in
      guard let pid = Int32(name), Self.parent(of: pid) == supervisor.pid,
        let line = try? KernelFile.read("/proc/\(pid)/cmdline")
      else { return nil }
      return Program(pid: pid, arguments: line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }
  }

  /// The resident memory, in megabytes, of the program that `isIt` knows by its command line.
  func residentMemory(_ name: String, where isIt: ([String]) -> Bool) throws -> Double {
    guard let program = programs.first(where: { isIt($0.arguments) }) else {
      throw BenchError(.unexpected, "no \(name) runs on the node")
    }
    return try ProcessMemory.resident(program.pid)
  }

  /// Field 4 of /proc/PID/stat; the name before it stands in parentheses and may hold anything.
  private static func parent(of pid: Int32) -> Int32? {
    guard let line = KernelFile.firstLine("/proc/\(pid)/stat"), let end = line.lastIndex(of: ")") else { return nil }
    let fields = line[line.index(after: end)...].split(separator: " ")
    return fields.count > 1 ? Int32(fields[1]) : nil
  }
}
