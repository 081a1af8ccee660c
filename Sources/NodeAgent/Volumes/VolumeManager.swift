import Glibc
import JSONTree
import KubernetesAPI
import LinuxKernel

/// Makes the directories of a pod's volumes and takes them away again. State is the file system alone.
struct VolumeManager: Sendable {
  let configuration: NodeAgentConfiguration
  /// Bytes; 0: unknown.
  var nodeMemory: Int64 = 0

  /// Where each volume is; makes what is missing and brings content up to date.
  func mount(_ pod: JSON, field: DownwardField, sources: VolumeSources) async throws -> [String: String] {
    let content = VolumeContent(field: field, sources: sources)
    return try await BlockingThread.run { try mountNow(pod, content: content) }
  }

  /// Where a pod's volume is that is empty at first.
  func emptyDirectory(_ name: String, of uid: String) -> String {
    configuration.directory(of: uid) + "/volumes/empty-dir/\(name)"
  }

  private func mountNow(_ pod: JSON, content: VolumeContent) throws -> [String: String] {
    let base = configuration.directory(of: pod.uid) + "/volumes"
    let group = pod.spec["securityContext"]?["fsGroup"]?.int.map { UInt32(truncatingIfNeeded: $0) }
    var paths: [String: String] = [:]
    for (index, volume) in (pod.spec["volumes"]?.items ?? []).enumerated() {
      let name = volume.containerName
      do {
        paths[name] = try make(volume, of: pod, index: index, base: base, content: content, group: group)
      } catch {
        throw NodeAgentError(
          .failedMount, "MountVolume.SetUp failed for volume \"\(name)\" : \(PodWorker.message(error))")
      }
    }
    return paths
  }

  /// Returns where the volume is.
  private func make(
    _ volume: JSON, of pod: JSON, index: Int, base: String, content: VolumeContent, group: UInt32?
  ) throws -> String {
    let name = volume.containerName
    if let source = volume["hostPath"] {
      let path = source["path"]?.string ?? ""
      try HostPathCheck.prepare(path: path, type: source["type"]?.string ?? "")
      return path
    }
    if let source = volume["emptyDir"] {
      let path = emptyDirectory(name, of: pod.uid)
      let size = MemorySize.limit(of: source, pod: pod, nodeMemory: nodeMemory)
      try makeEmptyDirectory(path, isInMemory: source["medium"]?.string == "Memory", size: size, group: group)
      return path
    }
    guard let files = try content.files(of: volume, index: index) else {
      throw NodeAgentError(.failedMount, "this agent does not know volumes of its kind")
    }
    let path = "\(base)/content/\(name)"
    try KernelFile.makeFolder(path)
    if volume["secret"] != nil || volume["projected"] != nil { try mountMemory(path, size: nil) }
    try AtomicDirectory(path: path, group: group).write(files)
    return path
  }

  private func makeEmptyDirectory(_ path: String, isInMemory: Bool, size: Int64?, group: UInt32?) throws {
    let isNew = !KernelFile.exists(path)
    try KernelFile.makeFolder(path)
    if isInMemory { try mountMemory(path, size: size) }
    guard isNew else { return }
    try systemCall("chmod", path) { chmod(path, 0o777) }
    if let group {
      try systemCall("chown", path) { chown(path, .max, group) }
      try systemCall("chmod", path) { chmod(path, 0o2777) }
    }
  }

  /// Keeps secrets off the disk, and `medium: Memory` in memory.
  private func mountMemory(_ path: String, size: Int64?) throws {
    guard try !MountPoint.all().contains(where: { $0.target == path }) else { return }
    let options = size.map { "mode=0777,size=\($0)" } ?? "mode=0777"
    try Mount.mount("tmpfs", at: path, type: "tmpfs", flags: [.noSetuid, .noDevices], data: options)
  }

  /// Takes everything of a pod away: mounts, files, cgroups.
  func remove(uid: String, cgroupParents: [String]) async throws {
    let directory = configuration.directory(of: uid)
    try await BlockingThread.run {
      for mount in try MountPoint.all() where mount.target.hasPrefix(directory + "/") {
        try Mount.unmount(mount.target, detach: true)
      }
      try FileTree.remove(directory)
      for parent in cgroupParents { Cgroups.remove(parent) }
    }
  }

  /// The pods that have files here.
  func presentPods() -> [String] { FileTree.names(in: configuration.stateDirectory + "/pods") }
}
