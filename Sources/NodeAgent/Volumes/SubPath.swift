import JSONTree
import KubernetesAPI

/// The part of a volume that one entry of `volumeMounts` asks for (`subPath`, `subPathExpr`).
struct SubPath: Sendable, Hashable {
  /// Of the entry in the container's list.
  var index: Int
  var volume: String
  var container: String
  /// Below the volume.
  var path: String

  /// Those of a container. The messages are upstream's.
  /// - Parameter values: the container's environment, which `subPathExpr` refers to.
  static func find(in container: JSON, values: [String: String]) throws(NodeAgentError) -> [SubPath] {
    var result: [SubPath] = []
    for (index, mount) in (container["volumeMounts"]?.items ?? []).enumerated() {
      var path = mount["subPath"]?.string ?? ""
      if let expression = mount["subPathExpr"]?.string, !expression.isEmpty {
        path = try expand(expression, values)
      }
      guard !path.isEmpty else { continue }
      guard !path.hasPrefix("/") else {
        throw NodeAgentError(.createContainerConfigError, "error SubPath `\(path)` must not be an absolute path")
      }
      guard !path.split(separator: "/").contains("..") else {
        throw NodeAgentError(
          .createContainerConfigError, "unable to provision SubPath `\(path)`: must not contain '..'")
      }
      result.append(
        SubPath(index: index, volume: mount.containerName, container: container.containerName, path: path))
    }
    return result
  }

  /// A variable that is missing or empty would mount more of the volume than was meant.
  private static func expand(_ expression: String, _ values: [String: String]) throws(NodeAgentError) -> String {
    var missing: Set<String> = []
    let path = VariableExpansion.expand(expression) { name in
      let value = values[name] ?? ""
      if value.isEmpty { missing.insert(name) }
      return value
    }
    guard missing.isEmpty else {
      throw NodeAgentError(
        .createContainerConfigError, "missing value for \(missing.sorted().joined(separator: ", "))")
    }
    return path
  }
}
