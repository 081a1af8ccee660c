internal import CLinux
internal import Glibc

/// Namespaces a child is born into, new and its own.
package struct NewNamespaces: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let mount = NewNamespaces(rawValue: UInt64(SWB_CLONE_NEWNS))
  package static let cgroup = NewNamespaces(rawValue: UInt64(SWB_CLONE_NEWCGROUP))
  package static let hostName = NewNamespaces(rawValue: UInt64(SWB_CLONE_NEWUTS))
  package static let ipc = NewNamespaces(rawValue: UInt64(SWB_CLONE_NEWIPC))
  package static let process = NewNamespaces(rawValue: UInt64(SWB_CLONE_NEWPID))
  package static let network = NewNamespaces(rawValue: UInt64(SWB_CLONE_NEWNET))
}

/// A program to start, with everything it inherits. Descriptors are borrowed: the caller keeps and closes them.
package struct ProcessLauncher: Sendable {
  /// Absolute path of the program; PATH is not searched (``find(_:)`` does).
  package var executable: String
  /// All arguments, `argv[0]` included.
  package var arguments: [String]
  /// `NAME=VALUE` lines. Empty: no environment; ``currentEnvironment()`` hands ours on.
  package var environment: [String]
  package var workingDirectory: String?
  /// Descriptors that become 0, 1 and 2; `nil` is /dev/null.
  package var standardInput: Int32?
  package var standardOutput: Int32?
  package var standardError: Int32?
  /// Descriptors that become 3, 4, … in this order. With names they are announced the systemd way:
  /// LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID are added to the environment.
  package var inherited: [(descriptor: Int32, name: String)] = []
  package var announcesInherited = true
  package var newNamespaces: NewNamespaces = []
  /// Namespace descriptors (network, mount, UTS, …) to enter before the program starts.
  package var joinedNamespaces: [Int32] = []
  /// A PID namespace to be born in.
  package var joinedProcessNamespace: Int32?
  /// Starts a session of its own, away from our terminal and its signals.
  package var newSession = false
  /// Signal the child gets when this process ends, however it ends.
  package var deathSignal: Int32?

  package init(_ executable: String, _ arguments: [String] = [], environment: [String]? = nil) {
    self.executable = executable
    self.arguments = [executable] + arguments
    self.environment = environment ?? Self.currentEnvironment()
  }

  /// Our own environment without the socket announcement, which is for this process alone.
  package static func currentEnvironment() -> [String] {
    var lines: [String] = []
    var entry = environ
    while let line = entry.pointee {
      lines.append(String(cString: line))
      entry += 1
    }
    return lines.filter { !$0.hasPrefix("LISTEN_") }
  }

  /// The absolute path of a program, by PATH and the system folders; `nil` where there is none.
  package static func find(_ program: String) -> String? {
    if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let system: [Substring] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    for folder in path.split(separator: ":") + system {
      let candidate = "\(folder)/\(program)"
      if access(candidate, X_OK) == 0 { return candidate }
    }
    return nil
  }

  /// Starts the program. Returns once it has been executed; a failure in the child (a namespace that is gone, a
  /// missing program) is thrown here with its own error number.
  package func launch() throws(KernelError) -> ChildProcess {
    // A death signal is tied to the launching thread, and pool threads end at any time: one thread that never ends
    // launches them all.
    let (pid, descriptor, code, step) =
      deathSignal == nil ? launchHere() : try LauncherThread.shared.run { launchHere() }
    guard pid > 0 else {
      throw KernelError(errno: code, operation: Self.words(for: step), object: executable)
    }
    return ChildProcess(pid: pid, descriptor: FileDescriptor(adopting: descriptor))
  }

  private func launchHere() -> (pid: Int32, descriptor: Int32, errno: Int32, step: Int32) {
    var lines = environment
    if announcesInherited, !inherited.isEmpty {
      lines.append("LISTEN_FDS=\(inherited.count)")
      lines.append("LISTEN_FDNAMES=" + inherited.map(\.name).joined(separator: ":"))
      lines.append("LISTEN_PID=0000000000")
    }
    let argumentVector = CStringVector(arguments)
    let environmentVector = CStringVector(lines)
    let standard = [standardInput ?? -1, standardOutput ?? -1, standardError ?? -1]
    let descriptors = standard + inherited.map(\.descriptor)
    var pidDescriptor: Int32 = -1
    var step: Int32 = 0
    let pid = withExtendedLifetime((argumentVector, environmentVector)) {
      withCString(workingDirectory) { folder in
        executable.withCString { path in
          descriptors.withUnsafeBufferPointer { descriptors in
            joinedNamespaces.withUnsafeBufferPointer { joined in
              var launch = swb_launch()
              launch.path = path
              launch.argv = UnsafePointer(argumentVector.pointers)
              launch.envp = UnsafePointer(environmentVector.pointers)
              launch.listen_pid_slot =
                announcesInherited && !inherited.isEmpty
                ? environmentVector.last! + "LISTEN_PID=".utf8.count : nil
              launch.working_directory = folder
              launch.descriptors = descriptors.baseAddress
              launch.descriptor_count = descriptors.count
              launch.joined_namespaces = joined.baseAddress
              launch.joined_namespace_count = joined.count
              launch.joined_pid_namespace = joinedProcessNamespace ?? -1
              launch.new_namespaces = newNamespaces.rawValue
              launch.new_session = newSession ? 1 : 0
              launch.death_signal = deathSignal ?? 0
              return swb_launch(&launch, &pidDescriptor, &step)
            }
          }
        }
      }
    }
    return (pid, pidDescriptor, pid > 0 ? 0 : errno, step)
  }

  private func withCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }

  private static func words(for step: Int32) -> String {
    switch Int(step) {
    case Int(SWB_LAUNCH_JOIN_PID): "join the PID namespace for"
    case Int(SWB_LAUNCH_CLONE): "clone a process for"
    case Int(SWB_LAUNCH_DESCRIPTORS): "hand descriptors to"
    case Int(SWB_LAUNCH_SESSION): "start a session for"
    case Int(SWB_LAUNCH_DEATH_SIGNAL): "set the death signal of"
    case Int(SWB_LAUNCH_JOIN): "join the namespaces for"
    case Int(SWB_LAUNCH_DIRECTORY): "enter the working directory of"
    case Int(SWB_LAUNCH_EXEC): "execute"
    default: "launch"
    }
  }
}

/// A NULL-terminated array of C strings.
private final class CStringVector {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointers = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
    (pointers + count).initialize(to: nil)
  }

  var last: UnsafeMutablePointer<CChar>? { count == 0 ? nil : pointers[count - 1] }

  deinit {
    for index in 0..<count { free(pointers[index]) }
    pointers.deallocate()
  }
}
