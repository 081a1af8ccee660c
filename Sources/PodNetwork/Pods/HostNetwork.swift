package import LinuxKernel
package import Netlink

/// The network namespace the node's pods are attached to.
package struct HostNetwork: Sendable {
  package let routes: RouteSocket
  /// `nil`: the process's own.
  package let namespace: NetworkNamespace?

  package init(namespace: NetworkNamespace? = nil) throws {
    self.namespace = namespace
    routes = try RouteSocket(in: namespace)
  }

  /// Runs synchronous work there, for what has no socket, such as settings.
  package func run<Value>(_ body: () throws -> Value) throws -> Value {
    guard let namespace else { return try body() }
    return try namespace.run(body)
  }
}
