/// How control groups are mounted, as the calling thread sees it.
package enum ControlGroupLayout: Sendable, Hashable {
  case unified(String)
  /// Version 1 for the container runtime, version 2 beside it.
  case hybrid(controllers: [String], unified: String)
  case legacy(controllers: [String])
  case none

  package static func current() throws(KernelError) -> ControlGroupLayout { layout(of: try MountPoint.all()) }

  static func layout(of mounts: [MountPoint]) -> ControlGroupLayout {
    let unified = mounts.first { $0.type == "cgroup2" }?.target
    let controllers = mounts.filter { $0.type == "cgroup" }.map(\.target)
    switch (unified, controllers.isEmpty) {
    case (let path?, true): return .unified(path)
    case (let path?, false): return .hybrid(controllers: controllers, unified: path)
    case (nil, false): return .legacy(controllers: controllers)
    case (nil, true): return .none
    }
  }

  package var description: String {
    switch self {
    case .unified(let path): "version 2 at \(path)"
    case .hybrid(let controllers, let unified):
      "version 1 (\(controllers.count) controllers) with version 2 at \(unified)"
    case .legacy(let controllers): "version 1 (\(controllers.count) controllers)"
    case .none: "none mounted"
    }
  }
}
