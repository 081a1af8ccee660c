internal import JSONTree
internal import LinuxKernel
package import NetworkTypes

/// What a node's supervisor is told, in a file: who it is and what it runs.
package struct NodeSpecification: Sendable, Hashable {
  package var name: String
  /// One of each family of the cluster, the primary one first.
  package var addresses: [IPAddress]
  package var folder: String
  package var sharedFolder: String
  package var logFolder: String
  /// The node's control group below the root of every hierarchy: `switchboard-NAME/node-1`.
  package var controlGroup: String
  package var program: String
  package var plugin: String
  /// Whether the API server runs here.
  package var runsServer: Bool

  package func save(to path: String) throws {
    let tree: JSON = [
      "name": .string(name), "addresses": .array(addresses.map { .string($0.description) }), "folder": .string(folder),
      "sharedFolder": .string(sharedFolder), "logFolder": .string(logFolder), "controlGroup": .string(controlGroup),
      "program": .string(program), "plugin": .string(plugin), "runsServer": .bool(runsServer),
    ]
    try KernelFile.replace(path, with: tree.encoded(indented: true), mode: 0o600)
  }

  package static func load(from path: String) throws -> NodeSpecification {
    let tree: JSON
    do {
      tree = try JSON.parse(try KernelFile.read(path))
    } catch {
      throw LabError(.damaged, "cannot read the node's specification \(path)", cause: error)
    }
    func text(_ key: String) throws -> String {
      guard let value = tree[key]?.string, !value.isEmpty else {
        throw LabError(.damaged, "the node's specification \(path) lacks \"\(key)\"")
      }
      return value
    }
    let addresses = (tree["addresses"]?.items ?? []).compactMap { $0.string.flatMap { IPAddress($0) } }
    guard !addresses.isEmpty else { throw LabError(.damaged, "the node's specification \(path) lacks \"addresses\"") }
    return NodeSpecification(
      name: try text("name"), addresses: addresses, folder: try text("folder"),
      sharedFolder: try text("sharedFolder"), logFolder: try text("logFolder"),
      controlGroup: try text("controlGroup"), program: try text("program"), plugin: try text("plugin"),
      runsServer: tree["runsServer"]?.bool ?? false)
  }
}
