package import ClusterModel
internal import HashTreeCollections
package import KubernetesAPI
package import NamePlan
internal import Netlink
package import NetworkTypes
package import PolicyPlan

/// A node as explanations see it: the cluster as it knows it, and its kernel's routes.
package struct DepartureNode: Sendable {
  package let nodeName: String
  package let snapshot: ClusterSnapshot
  package let judge: PolicyJudge
  package let names: NameIndex
  let serviceBlocks: [CIDR]
  let carriesSCTP: Bool

  package init(
    nodeName: String, snapshot: ClusterSnapshot, names: NameIndex, serviceBlocks: [CIDR], carriesSCTP: Bool
  ) {
    self.nodeName = nodeName
    self.snapshot = snapshot
    self.names = names
    self.serviceBlocks = serviceBlocks
    self.carriesSCTP = carriesSCTP
    judge = PolicyJudge(snapshot, nameServerAddresses: names.configuration.serverAddresses)
  }

  var nameServerAddresses: [IPAddress] { names.configuration.serverAddresses }

  func isServiceBlock(_ address: IPAddress) -> Bool {
    snapshot.serviceBlocks(startingWith: serviceBlocks).contains { $0.contains(address) }
  }

  func node(at address: IPAddress) -> String? { snapshot.node(at: address)?.name }

  /// The pod of a node that is reached by one of the node's own ports, if the number is one's.
  func hostPort(
    _ number: UInt16, _ transport: TransportProtocol, of node: String, at address: IPAddress
  ) -> (pod: PodModel, port: PodModel.HostPort)? {
    for pod in snapshot.pods.values where pod.nodeName == node && !pod.hasFinished {
      let port = pod.hostPorts.first {
        $0.port == number && $0.transport == transport && ($0.address == nil || $0.address == address)
      }
      if let port { return (pod, port) }
    }
    return nil
  }

  /// The way packets to the address take from here, as the kernel has it.
  func route(to address: IPAddress) -> ExplainStep {
    do {
      let routes = try RouteSocket(in: nil)
      guard let route = try routes.lookup(address), route.kind == .unicast || route.kind == .local else {
        return ExplainStep(.route, .blocks, "node \(nodeName) has no route to \(address)")
      }
      if route.kind == .local { return ExplainStep(.route, .passes, "to node \(nodeName) itself") }
      let link = try route.link.flatMap { (index) throws(NetlinkError) in try routes.link(index) }
      let mtu = route.mtu ?? link?.mtu
      let gateway = route.gateway.map { " by \($0)" } ?? ""
      return ExplainStep(
        .route, .passes,
        "from node \(nodeName) through \(link?.name ?? "an unknown link")\(gateway)" + (mtu.map { ", MTU \($0)" } ?? "")
      )
    } catch {
      return ExplainStep(.route, .unknown, "the kernel of node \(nodeName) does not say: \(error)")
    }
  }
}

/// Names as a resolver tries them.
extension DepartureNode {
  /// - Returns: all addresses of one family: IPv4's, where the sender has one and there are some.
  func resolve(
    _ text: String, _ search: NameSearch, _ families: [IPAddress.Family]
  ) -> (step: ExplainStep, addresses: [IPAddress], service: ObjectName?) {
    let candidates = search.candidates(text)
    for candidate in candidates {
      guard let name = DNSName(candidate) else { continue }
      for family in IPAddress.Family.allCases where families.contains(family) {
        let answer = names.resolve(name, family == .v6 ? .aaaa : .a)
        switch answer.outcome {
        case .found:
          let addresses = answer.answers.compactMap { record in
            if case .address(let address) = record.data { address } else { nil }
          }
          if addresses.isEmpty { continue }
          let suffix = candidate == text ? "as it is" : "with the search suffix \(candidate.dropFirst(text.count + 1))"
          let service = Self.service(name, zone: names.configuration.zone)
          let list = addresses.map(\.description).joined(separator: ", ")
          return (
            ExplainStep(
              .name, .passes, "\(text) is \(list), found \(suffix)", object: service.map { "Service \($0)" }),
            addresses, service
          )
        case .unfinished(let alias):
          return (
            ExplainStep(
              .name, .unknown, "\(text) is an alias of \(alias), which servers outside the cluster answer for"),
            [], nil
          )
        case .foreign:
          return (
            ExplainStep(.name, .unknown, "\(candidate) is no name of the cluster: servers outside answer for it"), [],
            nil
          )
        case .noData, .noSuchName: continue
        }
      }
    }
    return (
      ExplainStep(.name, .blocks, "no such name; tried \(candidates.joined(separator: ", "))"), [], nil
    )
  }

  /// `[POD.]NAME.NAMESPACE.svc.ZONE`
  private static func service(_ name: DNSName, zone: DNSName) -> ObjectName? {
    let labels = name.labels.dropLast(zone.labels.count)
    guard labels.count >= 3, labels.last == "svc" else { return nil }
    let parts = labels.dropLast().suffix(2)
    return ObjectName(namespace: parts.last ?? "", name: parts.first ?? "")
  }
}
