package import NetworkTypes

/// A connection the kernel tracks: who opened it towards what, and who answers.
package struct ConntrackFlow: Hashable, Sendable, CustomStringConvertible {
  package let transport: TransportProtocol
  /// As the first packet had it.
  package let source: SocketEndpoint
  package let destination: SocketEndpoint
  /// Where answers come from: the endpoint, after destination NAT.
  package let answerSource: SocketEndpoint
  /// Where answers go to: the client, or what its source was changed to.
  package let answerDestination: SocketEndpoint

  package init(
    _ transport: TransportProtocol, from source: SocketEndpoint, to destination: SocketEndpoint,
    answerSource: SocketEndpoint, answerDestination: SocketEndpoint
  ) {
    self.transport = transport
    self.source = source
    self.destination = destination
    self.answerSource = answerSource
    self.answerDestination = answerDestination
  }

  package var description: String {
    "\(transport.rawValue) \(source) -> \(destination), answered by \(answerSource) towards \(answerDestination)"
  }
}
