package import ClusterModel
package import KubernetesAPI
package import NetworkTypes

/// Says what policies make of a flow, from the objects alone. What the kernel is given comes of the same terms.
package struct PolicyJudge: Sendable {
  package let snapshot: ClusterSnapshot
  /// The policies it judges by.
  package let index: PolicyIndex
  /// Queries to the cluster's DNS addresses are judged as if to this pod.
  package let nameServer: PodModel

  /// - Parameter index: where it is kept already; otherwise it is made of the snapshot's policies that are enforced.
  package init(_ snapshot: ClusterSnapshot, nameServerAddresses: [IPAddress], index: PolicyIndex? = nil) {
    self.snapshot = snapshot
    self.index = index ?? PolicyIndex(snapshot)
    nameServer = .nameServer(at: nameServerAddresses)
  }

  /// What the source's policies say.
  package func egress(_ flow: PolicyFlow) -> PolicyVerdict {
    judge(flow, .egress, flow.source, flow.destination)
  }

  /// What the destination's policies say.
  /// - Parameter sender: the node whose own process sends, where one does.
  package func ingress(_ flow: PolicyFlow, fromNode sender: String? = nil) -> PolicyVerdict {
    if let sender, let node = flow.destination.pod?.nodeName, node == sender { return .ownNode(node) }
    return judge(flow, .ingress, flow.destination, flow.source)
  }

  /// The end of a flow that has this address.
  package func party(_ address: IPAddress) -> FlowParty {
    FlowParty(address, pod: nameServer.addresses.contains(address) ? nameServer : snapshot.pod(at: address))
  }

  private func judge(
    _ flow: PolicyFlow, _ direction: PolicyDirection, _ subject: FlowParty, _ peer: FlowParty
  ) -> PolicyVerdict {
    guard let pod = subject.pod, pod.name != nameServer.name else { return .noSubject }
    if flow.source.address == flow.destination.address { return .itself }
    let policies = index.policies(isolating: pod, direction)
    if policies.isEmpty { return .notIsolated(pod.name) }
    for policy in policies {
      for (number, rule) in (policy.rules(direction) ?? []).enumerated()
      where rule.allows(peer, snapshot) && rule.allows(flow) {
        return .allowed(by: PolicyRuleReference(policy.name, direction, number))
      }
    }
    return .denied(pod.name, by: policies.map(\.name))
  }
}

extension PodModel {
  /// The pod that policies people have allow queries to; there is none, each node answers itself.
  package static func nameServer(at addresses: [IPAddress]) -> PodModel {
    // No object can have an empty name: nothing of the cluster's meets it.
    var pod = PodModel(name: ObjectName(namespace: "kube-system", name: ""))
    pod.labels = ["k8s-app": "kube-dns"]
    pod.addresses = addresses
    pod.namedPorts = [PortName(.udp, "dns"): 53, PortName(.tcp, "dns-tcp"): 53]
    return pod
  }
}
