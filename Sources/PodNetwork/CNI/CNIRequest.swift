package import JSONTree
package import KubernetesAPI

/// What the plugin was asked, as it hands it on: the CNI_* environment and the configuration from standard input.
package struct CNIRequest: Sendable {
  package enum Command: String, Sendable {
    case add = "ADD"
    case delete = "DEL"
    case check = "CHECK"
    case version = "VERSION"
    case status = "STATUS"
    case collectGarbage = "GC"

    /// Whether the command is about one container.
    var needsContainer: Bool { self == .add || self == .delete || self == .check }
  }

  package let command: Command
  package let containerID: String
  /// Path of the container's network namespace; may be empty for DEL.
  package let namespacePath: String
  package let interfaceName: String
  /// CNI_ARGS, split at `;` and `=`.
  package let arguments: [String: String]
  package let configuration: JSON
  /// `cniVersion` of the configuration.
  package let version: String

  /// Versions of the specification whose results we write.
  package static let supportedVersions = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]

  package init(_ json: JSON) throws(CNIError) {
    let word = json["command"]?.string ?? ""
    guard let command = Command(rawValue: word) else {
      throw CNIError(.invalidEnvironment, "CNI_COMMAND '\(word)' is not known; use ADD, DEL, CHECK, STATUS or GC")
    }
    self.command = command
    containerID = json["containerID"]?.string ?? ""
    namespacePath = json["netns"]?.string ?? ""
    interfaceName = json["ifName"]?.string ?? ""
    arguments = Self.split(json["args"]?.string ?? "")
    configuration = json["config"] ?? .object([:])
    version = configuration["cniVersion"]?.string ?? "0.1.0"
    guard command == .version || Self.supportedVersions.contains(version) else {
      throw CNIError(
        .incompatibleVersion, "cniVersion \(version) is not supported",
        details: "supported versions: \(Self.supportedVersions.joined(separator: ", "))")
    }
    try validate()
  }

  private func validate() throws(CNIError) {
    guard command.needsContainer else { return }
    guard !containerID.isEmpty, containerID.utf8.allSatisfy(Self.isIdentifierByte) else {
      throw CNIError(.invalidEnvironment, "CNI_CONTAINERID '\(containerID)' is no container id")
    }
    // IFNAMSIZ of linux/if.h counts the terminating zero.
    guard (1...15).contains(interfaceName.utf8.count), interfaceName != ".", interfaceName != "..",
      !interfaceName.utf8.contains(where: { $0 <= 0x20 || $0 == 0x2f || $0 == 0x3a })
    else {
      throw CNIError(.invalidEnvironment, "CNI_IFNAME '\(interfaceName)' is no interface name")
    }
    guard command == .delete || !namespacePath.isEmpty else {
      throw CNIError(.invalidEnvironment, "CNI_NETNS is empty; \(command.rawValue) needs the container's namespace")
    }
  }

  /// The pod's UID, where the runtime tells it.
  package var podUID: String { arguments["K8S_POD_UID"] ?? "" }
  /// Without a name where the runtime tells none.
  package var pod: ObjectName {
    ObjectName(namespace: arguments["K8S_POD_NAMESPACE"] ?? "", name: arguments["K8S_POD_NAME"] ?? "")
  }

  private static func isIdentifierByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      || byte == 0x2d || byte == 0x2e || byte == 0x5f
  }

  private static func split(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for pair in text.split(separator: ";") {
      guard let equals = pair.firstIndex(of: "=") else { continue }
      result[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    return result
  }
}
