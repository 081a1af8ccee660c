package import NIOCore

/// How long the HTTPS port waits for its clients; as upstream's.
package struct HTTPTimeouts: Sendable {
  /// For a connection's handshake.
  package var handshake = TimeAmount.seconds(32)
  /// For the head of a request, from its first byte on; a new connection's first one, from the connection's beginning.
  package var head = TimeAmount.seconds(32)
  /// For what follows a request's head.
  package var request = TimeAmount.seconds(60)
  /// For the next request of a connection that has nothing under way.
  package var idle = TimeAmount.seconds(90)

  package init() {}

  /// How often connections are looked at: the bounds are kept to within a quarter.
  var timeBetweenLooks: TimeAmount { .nanoseconds(min(head, request, idle).nanoseconds / 4) }
}
