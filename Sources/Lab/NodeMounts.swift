internal import Glibc
internal import LinuxKernel

/// What makes the calling process's mount namespace that of a node, or of a lab. For a process that has just been born in
/// namespaces of its own.
enum NodeMounts {
  /// Cuts the mounts off from those they were copied from, and mounts /proc anew.
  static func detach() throws(KernelError) {
    try Mount.setPropagation([.private, .recursive], of: "/")
    try Mount.mount("proc", at: "/proc", type: "proc", flags: [.noSetuid, .noDevices, .noExecution])
  }

  /// Mounts a /sys of the calling thread's network namespace and puts the control groups back into it.
  ///
  /// - Parameters:
  ///   - stage: an empty folder.
  ///   - group: the control group that is to look like the root; `nil`: the groups as they are.
  static func mountSystem(stage: String, group: String?) throws {
    let groups = try ControlGroups()
    try Mount.mount("sysfs", at: stage, type: "sysfs", flags: [.noSetuid, .noDevices, .noExecution])
    let target = "\(stage)/fs/cgroup"
    if let group {
      try mountGroups(groups, below: group, at: target)
    } else if KernelFile.exists("/sys/fs/cgroup") {
      try Mount.bind("/sys/fs/cgroup", at: target, recursive: true)
    }
    // Control groups mounted elsewhere stay where they are.
    try systemCall("move mount", "/sys") { mount(stage, "/sys", nil, MountFlags.move.rawValue, nil) }
  }

  private static func mountGroups(_ groups: ControlGroups, below group: String, at target: String) throws {
    let root = "/sys/fs/cgroup"
    if let unified = groups.hierarchies.first(where: { $0.target == root }) {
      return try Mount.bind("\(unified.target)/\(group)", at: target)
    }
    try Mount.mount("tmpfs", at: target, type: "tmpfs", flags: [.noSetuid, .noDevices, .noExecution], data: "mode=755")
    for hierarchy in groups.hierarchies where hierarchy.target.hasPrefix(root + "/") {
      let place = target + hierarchy.target.dropFirst(root.count)
      try KernelFile.makeFolder(place)
      try Mount.bind("\(hierarchy.target)/\(group)", at: place)
    }
    // `cpu` is a link to `cpu,cpuacct` where the two are mounted together.
    for name in FileTree.names(in: root) {
      var buffer = [UInt8](repeating: 0, count: 256)
      let length = readlink("\(root)/\(name)", &buffer, buffer.count)
      guard length > 0 else { continue }
      let destination = String(decoding: buffer[..<length], as: UTF8.self)
      try systemCall("symlink", "\(target)/\(name)") { symlink(destination, "\(target)/\(name)") }
    }
  }

  /// Gives a node its own /run, /var/lib and /var/log, with our programs and the cluster's shared folder in /run.
  static func mountFolders(_ node: NodeSpecification) throws {
    let folder = NodeFolder(node.folder)
    let programs = folder.path + NodePaths.programs
    try KernelFile.makeFolder(programs)
    // containerd wants a plugin named `loopback` beside the one it is configured with; ours is both.
    let links = [(node.program, "switchboard"), (node.plugin, "switchboard-cni"), (node.plugin, "loopback")]
    for (program, name) in links {
      let place = "\(programs)/\(name)"
      _ = try FileDescriptor.open(place, O_WRONLY | O_CREAT, mode: 0o755)
      try Mount.bind(program, at: place)
    }
    let shared = folder.path + NodePaths.shared
    try KernelFile.makeFolder(shared)
    try Mount.bind(node.sharedFolder, at: shared)

    try Mount.bind(folder.run, at: "/run", recursive: true)
    try Mount.bind(folder.log, at: "/var/log")
    // Last: the sources lie below it.
    try Mount.bind(folder.lib, at: "/var/lib")
  }
}
