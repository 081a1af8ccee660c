/// Where an agent keeps what it shares with containerd and the CNI plugin.
enum AgentPaths {
  static let run = "/run/switchboard"
  static let pluginSocket = "\(run)/cni.sock"
  /// Where containerd looks for the network's configuration list.
  static let networkConfiguration = "\(run)/cni/net.d"
  /// Where it finds the plugins.
  static let networkPlugins = "\(run)/cni/bin"
}
