import Glibc
import LinuxKernel
import Logging

extension VolumeManager {
  /// Makes the parts of volumes that a container mounts, and a bind mount of each: what was checked is what the runtime
  /// then finds, whatever links the pod's other containers put into the volume meanwhile.
  ///
  /// What went wrong is logged only, as upstream does: the message would tell the pod's owner of the node's files.
  /// - Returns: where each is, by the index of its mount.
  func bind(
    _ subPaths: [SubPath], uid: String, volumePaths: [String: String], logger: Logger
  ) async throws -> [Int: String] {
    guard !subPaths.isEmpty else { return [:] }
    let base = configuration.directory(of: uid) + "/volume-subpaths"
    return try await BlockingThread.run {
      var places: [Int: String] = [:]
      for part in subPaths {
        guard let volume = volumePaths[part.volume] else { continue }
        let place = "\(base)/\(part.volume)/\(part.container)/\(part.index)"
        try Self.make(part, in: volume, logger)
        do {
          try Self.bind(part.path, in: volume, at: place)
        } catch {
          logger.warning("A subPath could not be prepared.", metadata: ["path": "\(part.path)", "error": "\(error)"])
          throw NodeAgentError(
            .createContainerConfigError,
            "failed to prepare subPath for volumeMount \"\(part.volume)\" of container \"\(part.container)\"")
        }
        places[part.index] = place
      }
      return places
    }
  }

  /// A folder that is missing gets the mode of its volume, so that whoever may write there may write here as well.
  static func make(_ part: SubPath, in volume: String, _ logger: Logger) throws {
    guard !KernelFile.exists("\(volume)/\(part.path)") else { return }
    do {
      let root = try FolderRoot(volume)
      try root.makeFolders(part.path, mode: try root.mode())
    } catch {
      logger.warning("A subPath could not be made.", metadata: ["path": "\(part.path)", "error": "\(error)"])
      throw NodeAgentError(
        .createContainerConfigError,
        "failed to create subPath directory for volumeMount \"\(part.volume)\" of container \"\(part.container)\"")
    }
  }

  /// A file is mounted on a file, a folder on a folder. One that an earlier run of the container left gives way: the
  /// volume's content may have been replaced since.
  private static func bind(_ path: String, in volume: String, at place: String) throws {
    let found = try FolderRoot(volume).find(path)
    let raw = found.rawValue
    var information = stat()
    try systemCall("fstat", path) { fstat(raw, &information) }
    let isFolder = information.st_mode & S_IFMT == S_IFDIR
    while try MountPoint.all().contains(where: { $0.target == place }) { try Mount.unmount(place, detach: true) }
    try FileTree.remove(place)
    if isFolder {
      try KernelFile.makeFolder(place, mode: 0o750)
    } else {
      try KernelFile.makeFolder(String(place[..<place.lastIndex(of: "/")!]), mode: 0o750)
      _ = try FileDescriptor.open(place, O_WRONLY | O_CREAT, mode: 0o640)
    }
    try Mount.bind("/proc/thread-self/fd/\(raw)", at: place)
  }
}
