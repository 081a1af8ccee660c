internal import Glibc
internal import JSONTree
internal import LinuxKernel
package import NetworkTypes

/// A process by its number and start time: the number alone may have gone to another.
package struct ProcessIdentity: Sendable, Hashable {
  package let pid: Int32
  /// Clock ticks since boot (field 22 of /proc/PID/stat).
  package let startTime: UInt64

  package init(pid: Int32, startTime: UInt64) {
    self.pid = pid
    self.startTime = startTime
  }

  /// The process that has the number now, or `nil`.
  package init?(runningAs pid: Int32) {
    guard let text = KernelFile.firstLine("/proc/\(pid)/stat"), let startTime = Self.startTime(inStat: text) else {
      return nil
    }
    self.init(pid: pid, startTime: startTime)
  }

  package var isRunning: Bool { ProcessIdentity(runningAs: pid) == self }

  /// The name stands in parentheses and may contain blanks and parentheses itself.
  static func startTime(inStat text: String) -> UInt64? {
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    // The state, field 3, comes first here.
    return fields.count > 19 && fields[0] != "Z" ? UInt64(fields[19]) : nil
  }
}

/// What `up` and labs write down about a running cluster, for the other commands.
package struct ClusterState: Sendable, Hashable {
  package struct Node: Sendable, Hashable {
    package let name: String
    package let address: String
    package let supervisor: ProcessIdentity
    package let folder: String
    package let logFolder: String

    package init(
      name: String, address: String, supervisor: ProcessIdentity, folder: String, logFolder: String
    ) {
      self.name = name
      self.address = address
      self.supervisor = supervisor
      self.folder = folder
      self.logFolder = logFolder
    }
  }

  package var name: String
  package var controlGroup: String
  package var kubeconfig: String
  package var nodes: [Node]
  /// The families of the nodes' way out; none where they have none.
  package var uplinkFamilies: [IPAddress.Family] = []
  /// What the way out changed of the machine's settings.
  package var formerSettings: [FormerSetting] = []

  package init(name: String, controlGroup: String, kubeconfig: String, nodes: [Node]) {
    self.name = name
    self.controlGroup = controlGroup
    self.kubeconfig = kubeconfig
    self.nodes = nodes
  }

  package var isRunning: Bool { nodes.contains { $0.supervisor.isRunning } }

  package func node(_ name: String) throws(LabError) -> Node {
    if let node = nodes.first(where: { $0.name == name }) { return node }
    throw LabError(.noSuchNode, "there is no node \(name); there are \(nodes.map(\.name).joined(separator: ", "))")
  }

  package func save(to path: String) throws {
    let nodes = nodes.map { node -> JSON in
      [
        "name": .string(node.name), "address": .string(node.address), "pid": .int(Int64(node.supervisor.pid)),
        "startTime": .int(Int64(node.supervisor.startTime)), "folder": .string(node.folder),
        "logFolder": .string(node.logFolder),
      ]
    }
    let tree: JSON = [
      "name": .string(name), "controlGroup": .string(controlGroup), "kubeconfig": .string(kubeconfig),
      "nodes": .array(nodes), "uplinkFamilies": .array(uplinkFamilies.map { .string($0.kubernetesName) }),
      "formerSettings": .array(formerSettings.map { ["name": .string($0.name), "value": .string($0.value)] }),
    ]
    try KernelFile.replace(path, with: tree.encoded(indented: true), mode: 0o600)
  }

  /// Reads the state of a cluster; `nil` where none was written.
  package static func load(from path: String) throws -> ClusterState? {
    guard KernelFile.exists(path) else { return nil }
    do {
      let tree = try JSON.parse(try KernelFile.read(path))
      func text(_ tree: JSON, _ key: String) throws(LabError) -> String {
        guard let value = tree[key]?.string else { throw LabError(.damaged, "\"\(key)\" is missing") }
        return value
      }
      var state = ClusterState(
        name: try text(tree, "name"), controlGroup: try text(tree, "controlGroup"),
        kubeconfig: try text(tree, "kubeconfig"),
        nodes: try (tree["nodes"]?.items ?? []).map { node in
          Node(
            name: try text(node, "name"), address: try text(node, "address"),
            supervisor: ProcessIdentity(
              pid: Int32(clamping: node["pid"]?.int ?? 0), startTime: UInt64(clamping: node["startTime"]?.int ?? 0)),
            folder: try text(node, "folder"), logFolder: try text(node, "logFolder"))
        })
      let families = (tree["uplinkFamilies"]?.items ?? []).compactMap(\.string)
      state.uplinkFamilies = IPAddress.Family.allCases.filter { families.contains($0.kubernetesName) }
      state.formerSettings = try (tree["formerSettings"]?.items ?? []).map {
        FormerSetting(name: try text($0, "name"), value: try text($0, "value"))
      }
      return state
    } catch {
      throw LabError(
        .damaged, "cannot read the cluster's state \(path); `switchboard down` removes what is left of it", cause: error
      )
    }
  }
}
