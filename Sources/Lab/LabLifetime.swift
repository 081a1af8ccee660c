internal import Glibc
package import LinuxKernel

/// A lab's folder and the lock on it. While anybody holds the lock the lab is alive; once nobody does, whatever is left of
/// it may be removed.
package struct LabLifetime: ~Copyable {
  package let id: String
  package let folder: ClusterFolder
  package let lock: FileLock

  /// Makes a lab's folder, under a name that no other has.
  package static func create(in stateFolder: String) throws -> LabLifetime {
    while true {
      let id = "lab-" + String(UInt32.random(in: .min ... .max), radix: 36)
      let folder = ClusterFolder.lab(id, in: stateFolder)
      guard !KernelFile.exists(folder.path) else { continue }
      do {
        try KernelFile.makeFolder(folder.path, mode: 0o755)
        // A sweep may have come between: then the lock is taken, or was on a file that is gone.
        if let lock = try FileLock.tryExclusive(folder.lock), KernelFile.exists(folder.lock) {
          return LabLifetime(id: id, folder: folder, lock: lock)
        }
      } catch {
        guard error.errno == ENOENT else { throw error }
      }
    }
  }

  /// Removes what is left of labs that nobody holds any more; returns their names.
  package static func sweep(in stateFolder: String, report: (String) -> Void) -> [String] {
    var swept: [String] = []
    for id in FileTree.names(in: "\(stateFolder)/labs") {
      let folder = ClusterFolder.lab(id, in: stateFolder)
      do {
        guard let lock = try FileLock.tryExclusive(folder.lock) else { continue }
        try remove(id, folder)
        swept.append(id)
        _ = consume lock
      } catch {
        report("\(id): \(error)")
      }
    }
    return swept
  }

  /// Waits until nobody holds the lab and the process `first` has ended, and removes what is left of the lab. One that
  /// is gone already is no error.
  package static func sweep(_ id: String, in stateFolder: String, after first: consuming FileDescriptor?) throws {
    let folder = ClusterFolder.lab(id, in: stateFolder)
    do {
      let lock = try FileLock.waitExclusive(folder.lock)
      if let first { _ = try Descriptors.waitReadable([first.rawValue]) }
      try remove(id, folder)
      _ = consume lock
    } catch let error as KernelError {
      guard error.errno == ENOENT else { throw error }
    }
  }

  /// Removes the lab's control groups and files. Its processes have to be gone.
  package borrowing func remove() throws { try Self.remove(id, folder) }

  private static func remove(_ id: String, _ folder: ClusterFolder) throws {
    try ControlGroups().remove("switchboard-\(id)")
    try ClusterRemoval(folder).removeFiles()
  }
}
