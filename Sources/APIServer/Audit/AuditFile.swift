import KubernetesAPI
import LinuxKernel

/// The file of audit events. When it is full it gets a name with the time, and a new one begins; old ones go.
struct AuditFile: ~Copyable, Sendable {
  private let configuration: AuditConfiguration
  private let limit: Int
  private var size = 0
  private var file: FileDescriptor?

  init(_ configuration: AuditConfiguration) throws(KernelError) {
    self.configuration = configuration
    limit = max(1, configuration.maximumSize) << 20
    file = nil
    try open()
  }

  private var isStandardOutput: Bool { configuration.logPath == "-" }

  private mutating func open() throws(KernelError) {
    // /dev/stdout may be a socket, which cannot be opened: its descriptor is borrowed by duplication.
    if isStandardOutput {
      let output = FileDescriptor(adopting: 1)
      let copy = try? output.duplicate()
      _ = output.release()
      file = copy
      return
    }
    // O_WRONLY, O_CREAT and O_APPEND of fcntl.h.
    let opened = try FileDescriptor.open(configuration.logPath, 0o1 | 0o100 | 0o2000, mode: 0o600)
    size = try opened.size()
    file = consume opened
  }

  /// Writes lines, which end with newlines.
  mutating func write(_ lines: [UInt8]) throws(KernelError) {
    if !isStandardOutput, size > 0, size + lines.count > limit { try rotate() }
    if file == nil { try open() }
    try file?.write(lines)
    size += lines.count
  }

  private mutating func rotate() throws(KernelError) {
    file = nil
    try KernelFile.rename(configuration.logPath, to: backupPath(Timestamp.now))
    size = 0
    try open()
    prune()
  }

  private var folder: String {
    guard let slash = configuration.logPath.lastIndex(of: "/") else { return "." }
    return String(configuration.logPath[..<slash])
  }

  /// The path without its extension, and the extension with its dot.
  private var parts: (stem: String, suffix: String) {
    let name = configuration.logPath.split(separator: "/").last.map(String.init) ?? configuration.logPath
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (name, "") }
    return (String(name[..<dot]), String(name[dot...]))
  }

  /// `audit-2026-01-02T03-04-05.678.log`, as upstream's.
  private func backupPath(_ time: Timestamp) -> String {
    let (stem, suffix) = parts
    let text = time.microText.dropLast(4).replacing(":", with: "-")
    return "\(folder)/\(stem)-\(text)\(suffix)"
  }

  private func prune() {
    let (stem, suffix) = parts
    let old = FileTree.names(in: folder).filter { name in
      name.hasPrefix("\(stem)-") && name.hasSuffix(suffix)
        && name.utf8.count == stem.utf8.count + 24 + suffix.utf8.count
    }
    var gone: Set<String> = []
    // By name is by time.
    if configuration.maximumBackups > 0 { gone.formUnion(old.dropLast(configuration.maximumBackups)) }
    if configuration.maximumAge > 0 {
      let oldest = backupPath(Timestamp.now - .seconds(86_400 * configuration.maximumAge))
      gone.formUnion(old.filter { "\(folder)/\($0)" < oldest })
    }
    // One that stays is tried again when the next file is full.
    for name in gone { try? FileTree.remove("\(folder)/\(name)") }
  }
}
