internal import CLinux
internal import Glibc

/// What the machine has of the things that need no network driver to be asked.
package enum KernelFeatures {
  package static func probe() -> [KernelFeature] {
    [kernelRelease(), root()]
      + [Capability.netAdmin, .sysAdmin].map { capability($0, .required, "needed to make interfaces and namespaces") }
      + [
        capability(
          .sysResource, .optional,
          "lets containers have another OOM score; without it containerd needs restrict_oom_score_adj = true"),
        capability(.bpf, .optional, "lets Services be chosen at connect time"),
        namespaces(), controlGroups(), overlay(), connectionTracking(), forwarding(), typeFormat(),
      ]
  }

  private static func kernelRelease() -> KernelFeature {
    .trying("kernel", "Linux 5.10 or newer", remedy: "boot a newer kernel") {
      let release = KernelFile.firstLine("/proc/sys/kernel/osrelease") ?? ""
      let parts = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
      guard parts.count == 2, (parts[0], parts[1]) >= (5, 10) else {
        throw KernelError(errno: 0, operation: "this is Linux", object: release)
      }
      return release
    }
  }

  private static func root() -> KernelFeature {
    KernelFeature(
      name: "root", purpose: "interfaces, namespaces and mounts belong to root",
      state: geteuid() == 0 ? .present("") : .missing("running as user \(geteuid())"), remedy: "use sudo")
  }

  private static func capability(
    _ capability: Capability, _ importance: KernelFeature.Importance, _ purpose: String
  ) -> KernelFeature {
    KernelFeature(
      name: capability.name, purpose: purpose, importance: importance,
      state: capability.isEffective ? .present("") : .missing("not in the effective set"),
      remedy: "grant it to the process, its container or its virtual machine")
  }

  private static func namespaces() -> KernelFeature {
    .trying("namespaces", "pods and nodes have a network of their own", remedy: "boot a kernel with CONFIG_NET_NS") {
      for kind in ["net", "mnt", "pid", "uts"] where !KernelFile.exists("/proc/self/ns/\(kind)") {
        throw KernelError(errno: ENOSYS, operation: "\(kind) namespaces")
      }
      _ = try NetworkNamespace.create()
      return "net, mnt, pid, uts"
    }
  }

  private static func controlGroups() -> KernelFeature {
    .trying("cgroups", "containers are bounded and counted", remedy: "mount cgroup2 at /sys/fs/cgroup") {
      let layout = try ControlGroupLayout.current()
      guard layout != .none else { throw KernelError(errno: 0, operation: "no control groups are mounted") }
      return layout.description
    }
  }

  private static func overlay() -> KernelFeature {
    .trying(
      "overlayfs", "containers share their images' files", importance: .optional,
      remedy: "load the module `overlay`; containerd can use its native snapshotter instead"
    ) {
      guard
        try KernelFile.text("/proc/filesystems").split(separator: "\n").contains(where: { $0.hasSuffix("\toverlay") })
      else { throw KernelError(errno: 0, operation: "overlay is not among /proc/filesystems") }
      return ""
    }
  }

  private static func connectionTracking() -> KernelFeature {
    .trying(
      "conntrack", "Services and masquerading remember their connections", remedy: "load the module `nf_conntrack`"
    ) {
      let limit = try Sysctl.read("net/netfilter/nf_conntrack_max")
      return "at most \(limit) connections"
    }
  }

  private static func forwarding() -> KernelFeature {
    .trying(
      "ip-forward", "nodes forward their pods' packets; the agent turns it on", importance: .optional,
      remedy: "sysctl -w net.ipv4.ip_forward=1"
    ) {
      let namespace = try NetworkNamespace.create()
      try namespace.run { try Sysctl.set("net/ipv4/ip_forward", to: "1") }
      return "can be set"
    }
  }

  private static func typeFormat() -> KernelFeature {
    KernelFeature(
      name: "btf", purpose: "eBPF programs adapt to this kernel", importance: .optional,
      state: KernelFile.exists("/sys/kernel/btf/vmlinux") ? .present("") : .missing("no /sys/kernel/btf/vmlinux"),
      remedy: "boot a kernel with CONFIG_DEBUG_INFO_BTF")
  }
}
