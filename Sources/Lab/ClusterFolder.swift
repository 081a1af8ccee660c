internal import LinuxKernel

/// Where a cluster on this machine keeps its files. The folder has to lie on a real disk: containers' root file systems
/// are overlays, which cannot have their upper layer on an overlay.
package struct ClusterFolder: Sendable, Hashable {
  /// Where everything lies unless `--state-dir` says otherwise.
  package static let defaultStateFolder = "/var/lib/switchboard"

  package let path: String

  package init(_ path: String) { self.path = path }

  /// The folder of a cluster that `switchboard up` made.
  package static func cluster(_ name: String, in stateFolder: String) -> ClusterFolder {
    ClusterFolder("\(stateFolder)/clusters/\(name)")
  }

  package static func lab(_ id: String, in stateFolder: String) -> ClusterFolder {
    ClusterFolder("\(stateFolder)/labs/\(id)")
  }

  package var lock: String { "\(path)/lock" }
  package var state: String { "\(path)/cluster.json" }
  /// Every node sees this folder as ``NodePaths/shared``.
  package var shared: String { "\(path)/shared" }
  /// The administrator's, written by the server once it answers.
  package var kubeconfig: String { "\(shared)/kubeconfig" }

  package func node(_ name: String) -> NodeFolder { NodeFolder("\(path)/nodes/\(name)") }
}

/// Where one node's files lie, as seen from outside the node.
package struct NodeFolder: Sendable, Hashable {
  package let path: String

  package init(_ path: String) { self.path = path }

  package var specification: String { "\(path)/node.json" }
  /// Become /run, /var/lib and /var/log of the node.
  package var run: String { "\(path)/run" }
  package var lib: String { "\(path)/lib" }
  package var log: String { "\(path)/log" }
  /// Scratch mount point for the node's /sys.
  package var sys: String { "\(path)/sys" }
  package var containerdFolder: String { "\(run)/switchboard/containerd" }
  package var containerdSocket: String { "\(containerdFolder)/containerd.sock" }
  /// Whether containerd takes connections. It changes the rights of its socket after it began to listen, which wakes a
  /// ``FolderWatch``.
  package var isContainerdListening: Bool { LocalSocket.isListening(containerdSocket) }
  package var containerdConfiguration: String { "\(containerdFolder)/config.toml" }
  package var pluginConfiguration: String { outside(NodePaths.pluginConfiguration) }
  package var credentials: String { outside(NodePaths.credentials) }

  /// Where a file below the node's /run, /var/lib or /var/log lies, seen from outside.
  package func outside(_ inside: String) -> String {
    for (place, source) in [("/run", run), ("/var/lib", lib), ("/var/log", log)] where inside.hasPrefix(place + "/") {
      return source + inside.dropFirst(place.utf8.count)
    }
    preconditionFailure("\(inside) is not among a node's own folders")
  }

  func make() throws {
    for folder in [run, lib, log, sys, containerdFolder, pluginConfiguration, "\(lib)/switchboard", "\(log)/pods"] {
      try KernelFile.makeFolder(folder)
    }
  }
}

/// Paths inside a node.
package enum NodePaths {
  package static let shared = "/run/switchboard/cluster"
  package static let kubeconfig = "/run/switchboard/cluster/kubeconfig"
  package static let programs = "/run/switchboard/bin"
  package static let pluginSocket = "/run/switchboard/cni.sock"
  package static let containerdSocket = "/run/switchboard/containerd/containerd.sock"
  package static let containerdConfiguration = "/run/switchboard/containerd/config.toml"
  /// Where containerd looks for the network's configuration list.
  package static let pluginConfiguration = "/run/switchboard/cni/net.d"
  /// What the agent joins with.
  package static let credentials = "/run/switchboard/credentials"
  package static let serverData = "/var/lib/switchboard/server"
}
