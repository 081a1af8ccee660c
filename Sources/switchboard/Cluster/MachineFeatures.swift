import Glibc
import Lab
import LinuxKernel

/// What `doctor` looks at besides the kernel: programs, and the disk.
enum MachineFeatures {
  static func probe(stateFolder: String) -> [KernelFeature] {
    [
      program("containerd", "runs the containers", package: "containerd"),
      program("runc", "starts the containers' processes", package: "runc"),
      program("ctr", "puts image archives into containerd", package: "containerd"),
      program("nft", "sets up the way out of the nodes of `switchboard up`", package: "nftables", .optional),
      program("kubectl", "the client; labs and tests use it", package: nil, .optional),
      disk(stateFolder),
    ]
  }

  private static func program(
    _ name: String, _ purpose: String, package: String?, _ importance: KernelFeature.Importance = .required
  ) -> KernelFeature {
    KernelFeature(
      name: name, purpose: purpose, importance: importance,
      state: ProcessLauncher.find(name).map { .present($0) } ?? .missing("not on the PATH"),
      remedy: package.map { "apt-get install \($0)" } ?? "put a \(name) of 1.31 or newer on the PATH")
  }

  /// A container's root file system is an overlay, whose upper layer cannot itself lie on one.
  private static func disk(_ stateFolder: String) -> KernelFeature {
    .trying(
      "disk", "the state folder is on a file system that overlays may use", remedy: "give --state-dir a real disk"
    ) {
      let mounts = try MountPoint.all().filter { mount in
        mount.target == "/" || stateFolder == mount.target || stateFolder.hasPrefix(mount.target + "/")
      }
      guard let mount = mounts.max(by: { $0.target.utf8.count < $1.target.utf8.count }) else { return "" }
      guard mount.type != "overlay" else {
        throw LabError(.refused, "\(stateFolder) is on an overlay")
      }
      return "\(stateFolder) is on \(mount.type)"
    }
  }
}
