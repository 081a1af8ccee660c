package import JSONTree

/// A port of the node that a pod takes.
package struct HostPort: Sendable, Hashable {
  package let address: String
  package let transport: String
  package let port: Int64

  package func collides(with other: HostPort) -> Bool {
    let isWild = { (address: String) in address.isEmpty || address == "0.0.0.0" }
    return transport == other.transport && port == other.port
      && (address == other.address || isWild(address) || isWild(other.address))
  }

  /// Those of a pod's containers and sidecars; on the node's network every port is one.
  package static func all(of podSpec: JSON) -> [HostPort] {
    let containers =
      (podSpec["containers"]?.items ?? [])
      + (podSpec["initContainers"]?.items ?? []).filter { $0["restartPolicy"]?.string == "Always" }
    let isOnHost = podSpec["hostNetwork"]?.bool ?? false
    return containers.flatMap { $0["ports"]?.items ?? [] }.compactMap { port in
      guard let number = port["hostPort"]?.int ?? (isOnHost ? port["containerPort"]?.int : nil), number > 0 else {
        return nil
      }
      return HostPort(
        address: port["hostIP"]?.string ?? "", transport: port["protocol"]?.string ?? "TCP", port: number)
    }
  }
}
