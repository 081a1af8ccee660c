internal import LinuxKernel

/// The end of a node's logs, for messages about a cluster that does not come up.
package enum LogTail {
  package static func text(node: String, folder: String) -> String {
    var text = ""
    for name in FileTree.names(in: folder) {
      let lines = ((try? KernelFile.text("\(folder)/\(name)")) ?? "").split(separator: "\n").suffix(5)
      for line in lines { text += "  \(node) \(name): \(line)\n" }
    }
    return text
  }
}
