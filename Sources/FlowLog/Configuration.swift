package import LinuxKernel
package import NetworkTypes

extension FlowLog {
  package struct Configuration: Sendable {
    package var nodeName: String
    /// Where the cluster's names are answered.
    package var nameServerAddresses: [IPAddress]
    /// The NFLOG group that policies tell of what they drop; `nil` where the kernel has no such log.
    package var logGroup: UInt16?
    /// How often the kernel's own list is looked at for what no event told, and its counters of drops; and how soon it is
    /// tried again to hear of what could not be heard.
    package var checkInterval = Duration.seconds(30)
    /// How often whoever follows is told of losses.
    package var lossInterval = Duration.seconds(2)
    /// How often whoever follows hears that the node is still there, where nothing else is to be told.
    package var heartbeat = Duration.seconds(10)
    /// Records that wait for whoever follows; then the oldest go.
    package var waitingRecords = 8192
    /// The network namespace to listen in; `nil`: the process's own.
    package var namespace: NetworkNamespace?

    package init(nodeName: String, nameServerAddresses: [IPAddress] = [], logGroup: UInt16? = nil) {
      self.nodeName = nodeName
      self.nameServerAddresses = nameServerAddresses
      self.logGroup = logGroup
    }
  }
}
