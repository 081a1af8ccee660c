package import JSONTree
package import LinuxKernel

/// The network configuration that tells the container runtime to call our plugin.
package struct NetworkConflist: Sendable, Hashable {
  /// Where the runtime looks, such as `/etc/cni/net.d/10-switchboard.conflist`.
  package var path: String
  /// The socket the plugin is to call.
  package var socketPath: String

  package init(path: String, socketPath: String) {
    self.path = path
    self.socketPath = socketPath
  }

  package var json: JSON {
    [
      "cniVersion": "1.0.0",
      "name": "switchboard",
      "plugins": [
        [
          "type": "switchboard-cni",
          "socket": .string(socketPath),
        ]
      ],
    ]
  }

  /// Writes the file whole; one that is right already is left alone, for runtimes reload on every change.
  package func write() throws(KernelError) {
    let content = json.encoded(indented: true) + [UInt8(ascii: "\n")]
    if let present = try? KernelFile.read(path), present == content { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try KernelFile.makeFolder(String(path[..<slash]))
    }
    try KernelFile.replace(path, with: content)
  }

  package func remove() { try? FileTree.remove(path) }
}
