import JSONTree
import KubernetesAPI

extension StopSignal {
  /// Of a container; `nil` where it leaves the choice to its image.
  static func number(of container: JSON?) throws(NodeAgentError) -> UInt32? {
    guard let name = container?["lifecycle"]?["stopSignal"]?.string, !name.isEmpty else { return nil }
    guard let number = number(name) else {
      throw NodeAgentError(.createContainerConfigError, "stopSignal \(name) is not a signal of Linux")
    }
    return number
  }
}
