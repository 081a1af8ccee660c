package import LinuxKernel

extension AddressAnnouncer {
  package struct Configuration: Sendable {
    /// The node this announces for, as the API names it.
    package var nodeName: String
    /// UDP port of the heartbeats between agents.
    package var port: UInt16 = 7762
    /// The time between two heartbeats to a node while there are few; see ``interval(peers:)``.
    package var interval = Duration.milliseconds(150)
    /// How long an address stays with the kernel unless it is renewed, which happens every second: what an agent that
    /// does not come back had is free after that.
    package var leaseSeconds: UInt32 = 5
    /// Where to work; `nil` for this process's own network namespace.
    package var namespace: NetworkNamespace?

    package init(nodeName: String) { self.nodeName = nodeName }

    /// The time between two heartbeats. Beyond 64 peers it grows with their number, so that no node sends or takes in
    /// more than 430 datagrams a second.
    func interval(peers: Int) -> Duration { interval * max(1, (peers + 63) / 64) }
  }
}
