/// Where a containerd of ours lives and how it is set up.
package struct ContainerdConfiguration: Sendable {
  /// Images, snapshots and metadata; outlives a reboot.
  package var rootDirectory: String
  /// Sockets, mounts and runtime state; gone after a reboot.
  package var stateDirectory: String
  /// Where the plugin that makes pod networks lies, and the configuration list that names it.
  package var networkPluginDirectory: String
  package var networkConfigurationDirectory: String
  package var sandboxImage: String
  /// Where containerd's own log goes.
  package var logPath: String
  /// Keeps a container's `oom_score_adj` from going below the daemon's, which the kernel refuses without
  /// CAP_SYS_RESOURCE; runc then fails with "can't get final child's PID from pipe".
  package var restrictsOOMScore: Bool
  /// Absolute path of containerd; `nil` searches PATH.
  package var executable: String?

  package init(
    rootDirectory: String = "/var/lib/switchboard/containerd",
    stateDirectory: String = "/run/switchboard/containerd",
    networkPluginDirectory: String = "/opt/cni/bin",
    networkConfigurationDirectory: String = "/etc/cni/net.d",
    logPath: String = "/var/log/switchboard/containerd.log",
    restrictsOOMScore: Bool = !Capabilities.current.contains(.systemResource),
    executable: String? = nil
  ) {
    self.rootDirectory = rootDirectory
    self.stateDirectory = stateDirectory
    self.networkPluginDirectory = networkPluginDirectory
    self.networkConfigurationDirectory = networkConfigurationDirectory
    self.logPath = logPath
    self.restrictsOOMScore = restrictsOOMScore
    self.executable = executable
    sandboxImage = PauseImage.reference
  }

  package var socketPath: String { stateDirectory + "/containerd.sock" }
  package var configurationPath: String { stateDirectory + "/config.toml" }
  package var processIDPath: String { stateDirectory + "/containerd.pid" }

  /// containerd's configuration file, version 2.
  package var text: String {
    """
    version = 2
    root = "\(Self.escaped(rootDirectory))"
    state = "\(Self.escaped(stateDirectory))"
    disabled_plugins = [
      "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
      "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
      "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing",
      "io.containerd.tracing.processor.v1.otlp",
    ]

    [grpc]
      address = "\(Self.escaped(socketPath))"

    [plugins."io.containerd.grpc.v1.cri"]
      sandbox_image = "\(Self.escaped(sandboxImage))"
      netns_mounts_under_state_dir = true
      restrict_oom_score_adj = \(restrictsOOMScore)
      disable_hugetlb_controller = true
      tolerate_missing_hugetlb_controller = true
      max_container_log_line_size = 16384

      [plugins."io.containerd.grpc.v1.cri".cni]
        bin_dir = "\(Self.escaped(networkPluginDirectory))"
        conf_dir = "\(Self.escaped(networkConfigurationDirectory))"
        max_conf_num = 1

      [plugins."io.containerd.grpc.v1.cri".containerd]
        default_runtime_name = "runc"
        snapshotter = "overlayfs"

        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"

          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
            SystemdCgroup = false

    """
  }

  /// A TOML basic string's content.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }
}
