import LinuxKernel

/// The cgroup hierarchies of the machine: one (v2), several (v1), or both (hybrid).
enum Cgroups {
  /// Where each hierarchy is mounted.
  static func hierarchies() -> [String] {
    let mounts = (try? MountPoint.all()) ?? []
    return mounts.filter { $0.type == "cgroup" || $0.type == "cgroup2" }.map(\.target)
  }

  /// Removes a cgroup with those below it, in every hierarchy. One that has processes stays; the caller comes again.
  static func remove(_ path: String) {
    guard path.count > 1 else { return }
    for hierarchy in hierarchies() { removeTree(hierarchy + path) }
  }

  private static func removeTree(_ path: String) {
    guard KernelFile.exists(path) else { return }
    for name in FileTree.names(in: path) where KernelFile.exists("\(path)/\(name)/cgroup.procs") {
      removeTree("\(path)/\(name)")
    }
    _ = FileTree.removeIfEmpty(path)
  }
}
