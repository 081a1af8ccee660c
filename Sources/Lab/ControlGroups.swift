internal import Glibc
package import LinuxKernel

/// Control groups in every hierarchy that is mounted: version 1, version 2, or both side by side.
package struct ControlGroups: Sendable {
  package struct Hierarchy: Sendable, Hashable {
    /// Where it is mounted: `/sys/fs/cgroup/memory`.
    package let target: String
    package let isVersion2: Bool
  }

  package let hierarchies: [Hierarchy]

  package init() throws { self.init(mounts: try MountPoint.all()) }

  package init(mounts: [MountPoint]) {
    var seen: Set<String> = []
    hierarchies = mounts.compactMap { mount in
      guard mount.type == "cgroup" || mount.type == "cgroup2", seen.insert(mount.target).inserted else { return nil }
      return Hierarchy(target: mount.target, isVersion2: mount.type == "cgroup2")
    }
  }

  /// Whether version 2 carries the controllers: then no group may have both processes and groups with controllers.
  package var isUnified: Bool { !hierarchies.isEmpty && hierarchies.allSatisfy(\.isVersion2) }

  /// Makes a group in every hierarchy, with those above it.
  package func create(_ name: String) throws(KernelError) {
    for hierarchy in hierarchies {
      var folder = hierarchy.target
      for part in name.split(separator: "/") {
        if hierarchy.isVersion2 { delegateControllers(of: folder) }
        let parent = folder
        folder += "/\(part)"
        try KernelFile.makeFolder(folder)
        // A version 1 cpuset is born without processors and memory, and takes no process until it has some.
        for file in ["cpuset.cpus", "cpuset.mems"] where !hierarchy.isVersion2 {
          guard let value = KernelFile.firstLine("\(folder)/\(file)"), value.isEmpty,
            let inherited = KernelFile.firstLine("\(parent)/\(file)")
          else { continue }
          try KernelFile.write(inherited, to: "\(folder)/\(file)")
        }
      }
    }
  }

  /// Lets a group's children use the controllers it has. The kernel refuses where the group has processes of its own,
  /// and then its children do without.
  private func delegateControllers(of folder: String) {
    for controller in (KernelFile.firstLine("\(folder)/cgroup.controllers") ?? "").split(separator: " ") {
      try? KernelFile.write("+\(controller)", to: "\(folder)/cgroup.subtree_control")
    }
  }

  /// Moves the calling process.
  package func enter(_ name: String) throws(KernelError) {
    for hierarchy in hierarchies { try KernelFile.write("0", to: "\(hierarchy.target)/\(name)/cgroup.procs") }
  }

  /// Removes a group with those below it; EBUSY where a process is left in one.
  package func remove(_ name: String) throws(KernelError) {
    for hierarchy in hierarchies { try removeTree("\(hierarchy.target)/\(name)") }
  }

  private func removeTree(_ folder: String) throws(KernelError) {
    var status = stat()
    for name in FileTree.names(in: folder) {
      let child = "\(folder)/\(name)"
      if lstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { try removeTree(child) }
    }
    guard KernelFile.exists(folder) else { return }
    try systemCall("rmdir", folder) { rmdir(folder) }
  }

  /// Groups right below the root whose name begins with `prefix`, in any hierarchy.
  package func names(withPrefix prefix: String) -> Set<String> {
    Set(hierarchies.flatMap { FileTree.names(in: $0.target) }.filter { $0.hasPrefix(prefix) })
  }
}
