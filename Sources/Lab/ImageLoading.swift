internal import Glibc
package import LinuxKernel

/// Putting image archives into nodes.
package enum ImageLoading {
  /// The program that puts one archive into one node's containerd. Works from outside the node, through its socket.
  package static func launcher(archive: String, into node: NodeFolder) throws(LabError) -> ProcessLauncher {
    guard let ctr = ProcessLauncher.find("ctr") else {
      throw LabError(.missing, "ctr is missing, which puts images into containerd: apt-get install containerd")
    }
    return ProcessLauncher(
      ctr, ["--namespace", "k8s.io", "--address", node.containerdSocket, "images", "import", archive])
  }

  /// Puts archives into every node, all at the same time; throws the first refusal after the last has ended.
  package static func load(_ archives: [String], into nodes: [NodeFolder]) throws {
    for archive in archives where access(archive, R_OK) != 0 {
      throw LabError(.missing, "there is no image archive \(archive) that can be read")
    }
    let log = try FileDescriptor.open("/tmp", O_RDWR | 0o20200000, mode: 0o600)  // O_TMPFILE: has no name
    var running: [(archive: String, child: ChildProcess)] = []
    for node in nodes {
      for archive in archives {
        var launcher = try launcher(archive: archive, into: node)
        launcher.standardError = log.rawValue
        running.append((archive, try launcher.launch()))
      }
    }
    var failed: String?
    for (archive, child) in running where try !child.wait().isSuccess { failed = failed ?? archive }
    guard let failed else { return }
    let raw = log.rawValue
    try systemCall("lseek") { lseek(raw, 0, SEEK_SET) }
    let said = String(decoding: try log.readToEnd(), as: UTF8.self)
    throw LabError(
      .refused, "\(failed) was not taken; is it an archive as `docker save` or `ctr images export` writes it? \(said)")
  }
}
