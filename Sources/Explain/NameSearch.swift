internal import NamePlan
package import NetworkTypes

/// How a sender asks for names: whom, and what it puts behind a name in turn.
package struct NameSearch: Hashable, Sendable {
  package let servers: [String]
  package let suffixes: [String]
  /// With fewer dots than that in a name the suffixes come first (`ndots`).
  package let dots: Int

  package init(servers: [String], suffixes: [String], dots: Int) {
    self.servers = servers
    self.suffixes = suffixes
    self.dots = dots
  }

  /// As policy ClusterFirst has it; without a namespace, of a sender that is no pod, no suffix is tried.
  init(namespace: String?, zone: DNSName, servers: [IPAddress]) {
    let domain = zone.description.dropLast()
    self.init(
      servers: servers.map(\.description),
      suffixes: namespace.map { ["\($0).svc.\(domain)", "svc.\(domain)", "\(domain)"] } ?? [], dots: 5)
  }

  /// Whether one of the servers is asked. Resolvers ask the first; the next only where it is silent.
  func asks(_ addresses: [IPAddress]) -> Bool {
    servers.first.flatMap { IPAddress($0) }.map(addresses.contains) ?? false
  }

  /// What is asked for in turn.
  func candidates(_ name: String) -> [String] {
    guard !name.hasSuffix(".") else { return [name] }
    let searched = suffixes.map { "\(name).\($0)" }
    return name.count { $0 == "." } < dots ? searched + [name] : [name] + searched
  }
}
