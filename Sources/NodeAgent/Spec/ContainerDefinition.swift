import JSONTree

/// What of a container's text is told apart once it runs: its name and its image, as upstream.
enum ContainerDefinition {
  /// The annotation that a container carries in the runtime, which kubelets use for the same.
  static let annotation = "io.kubernetes.container.hash"

  /// 32 bits of FNV-1a in hexadecimal digits.
  static func hash(of container: JSON) -> String {
    var hash: UInt32 = 0x811c_9dc5
    for byte in Array(container.containerName.utf8) + [0] + Array(container.image.utf8) {
      hash = (hash ^ UInt32(byte)) &* 0x0100_0193
    }
    return String(hash, radix: 16)
  }
}
