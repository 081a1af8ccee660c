import JSONTree
import KubernetesAPI

/// What of a container's text is told apart once it runs: its name and its image, as upstream.
enum ContainerDefinition {
  /// The annotation that a container carries in the runtime, which kubelets use for the same.
  static let annotation = "io.kubernetes.container.hash"

  /// In hexadecimal digits.
  static func hash(of container: JSON) -> String {
    String(FNV1a.hash32(Array(container.containerName.utf8) + [0] + Array(container.image.utf8)), radix: 16)
  }
}
