import Glibc
import LinuxKernel

/// Puts image archives (docker-archive or OCI layout, tar) into a containerd, where CRI finds them.
package struct ImageImport: Sendable {
  private let socketPath: String

  package init(socketPath: String) { self.socketPath = socketPath }

  /// Runs `ctr images import` on the file and returns the names it printed.
  @discardableResult
  package func load(_ path: String) async throws -> [String] {
    guard KernelFile.exists(path) else {
      throw ContainerRuntimeError(.file, "there is no image archive at \(path)")
    }
    guard let ctr = ProcessLauncher.find("ctr") else {
      throw ContainerRuntimeError(.program, "ctr is missing, which imports images: apt-get install containerd")
    }
    let result = try await ProgramRun.run(
      ctr, ["--namespace", "k8s.io", "--address", socketPath, "images", "import", path])
    guard result.exit.isSuccess else {
      throw ContainerRuntimeError(
        .program, "importing \(path) failed (\(result.exit)): \(result.text.suffix(400)); is it an image archive?")
    }
    return result.text.split(separator: "\n").compactMap { line in
      line.hasPrefix("unpacking ") ? line.split(separator: " ").dropFirst().first.map(String.init) : nil
    }
  }

  /// Imports an archive that is in memory, through a file in `directory` that is removed again.
  package func load(archive: [UInt8], by directory: String) async throws {
    let path = "\(directory)/import-\(String(UInt64.random(in: .min ... .max), radix: 16)).tar"
    defer { unlink(path) }
    do {
      try KernelFile.makeFolder(directory)
      try KernelFile.replace(path, with: archive, mode: 0o600)
    } catch {
      throw ContainerRuntimeError(.file, "cannot write the image archive", cause: error)
    }
    try await load(path)
  }
}
