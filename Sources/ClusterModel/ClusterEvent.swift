import HashTreeCollections
package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// One change to one object, already reduced to what the network needs.
package enum ClusterEvent: Sendable, Hashable {
  case service(ServiceModel)
  case serviceRemoved(ObjectName)
  /// With the resource version it came with; all kinds and nodes count alike.
  case endpointSlice(EndpointSliceModel, revision: UInt64 = 0)
  case endpointSliceRemoved(ObjectName, revision: UInt64 = 0)
  case pod(PodModel)
  case podRemoved(ObjectName)
  case node(NodeModel)
  case nodeRemoved(String)
  case namespace(NamespaceModel)
  case namespaceRemoved(String)
  case policy(NetworkPolicyModel)
  case policyRemoved(ObjectName)
  /// Blocks that Services have their addresses from, by the name of their ServiceCIDR.
  case serviceRange(String, [CIDR])
  case serviceRangeRemoved(String)
  /// A pod of this node, by UID, has an address from now on.
  case attached(IPAddress, podUID: String)
  /// Unless another has it by now.
  case detached(IPAddress, podUID: String)

  /// The kinds the model is made of.
  package static let kinds: [ResourceKind] = [
    .namespaces, .nodes, .pods, .services, .endpointSlices, .networkPolicies, .serviceCIDRs,
  ]

  /// From an object that appeared, changed or went; `nil` for a kind that is not part of the model.
  package init?(kind: ResourceKind, object: JSON, isRemoved: Bool) {
    switch kind {
    case .services: self = isRemoved ? .serviceRemoved(object.objectName) : .service(ServiceModel(object: object))
    case .endpointSlices:
      self =
        isRemoved
        ? .endpointSliceRemoved(object.objectName, revision: UInt64(object.resourceVersion) ?? 0)
        : .endpointSlice(EndpointSliceModel(object: object), revision: UInt64(object.resourceVersion) ?? 0)
    case .pods: self = isRemoved ? .podRemoved(object.objectName) : .pod(PodModel(object: object))
    case .nodes: self = isRemoved ? .nodeRemoved(object.name) : .node(NodeModel(object: object))
    case .namespaces: self = isRemoved ? .namespaceRemoved(object.name) : .namespace(NamespaceModel(object: object))
    case .networkPolicies:
      self = isRemoved ? .policyRemoved(object.objectName) : .policy(NetworkPolicyModel(object: object))
    case .serviceCIDRs:
      let blocks = (object.spec["cidrs"]?.items ?? []).compactMap { $0.string.flatMap { CIDR($0) } }
      self = isRemoved ? .serviceRangeRemoved(object.name) : .serviceRange(object.name, blocks)
    default: return nil
    }
  }
}

extension ClusterSnapshot {
  /// Takes in one event and says what it changed; an object that is as it was changes nothing.
  package mutating func apply(_ event: ClusterEvent) -> ClusterChange {
    var change = ClusterChange()
    switch event {
    case .service(let service):
      let former = services.updateValue(service, forKey: service.name)
      guard former != service else { break }
      addresses.replace(former, with: service)
      change.insert(service: service.name)
    case .serviceRemoved(let name):
      guard let former = services.removeValue(forKey: name) else { break }
      addresses.replace(former, with: nil)
      change.insert(service: name)
    case .endpointSlice(let slice, let revision): put(slice, revision, &change)
    case .endpointSliceRemoved(let name, let revision): removeSlice(name, revision, &change)
    case .pod(let pod):
      let former = pods.updateValue(pod, forKey: pod.name)
      guard former != pod else { break }
      addresses.replace(former, with: pod)
      change.pods.insert(pod.name)
    case .podRemoved(let name):
      guard let former = pods.removeValue(forKey: name) else { break }
      addresses.replace(former, with: nil)
      change.pods.insert(name)
    case .node(let node):
      let former = nodes.updateValue(node, forKey: node.name)
      guard former != node else { break }
      addresses.replace(former, with: node)
      change.nodes.insert(node.name)
    case .nodeRemoved(let name):
      guard let former = nodes.removeValue(forKey: name) else { break }
      addresses.replace(former, with: nil)
      change.nodes.insert(name)
    case .namespace(let namespace):
      if namespaces.updateValue(namespace, forKey: namespace.name) != namespace {
        change.namespaces.insert(namespace.name)
      }
    case .namespaceRemoved(let name):
      if namespaces.removeValue(forKey: name) != nil { change.namespaces.insert(name) }
    case .policy(let policy):
      let former = policies[policy.name] ?? auditedPolicies[policy.name]
      guard former != policy else { break }
      change.policies.insert(policy.name)
      policies[policy.name] = policy.isAudited ? nil : policy
      auditedPolicies[policy.name] = policy.isAudited ? policy : nil
    case .policyRemoved(let name):
      let former = policies.removeValue(forKey: name) ?? auditedPolicies.removeValue(forKey: name)
      if former != nil { change.policies.insert(name) }
    case .serviceRange(let name, let blocks):
      if serviceRanges.updateValue(blocks, forKey: name) != blocks { change.serviceRanges.insert(name) }
    case .serviceRangeRemoved(let name):
      if serviceRanges.removeValue(forKey: name) != nil { change.serviceRanges.insert(name) }
    case .attached(let address, let uid):
      if attachments.updateValue(uid, forKey: address) != uid { change.attachments.insert(address) }
    case .detached(let address, let uid):
      if attachments[address] == uid {
        attachments.removeValue(forKey: address)
        change.attachments.insert(address)
      }
    }
    return change
  }

  private mutating func put(_ slice: EndpointSliceModel, _ revision: UInt64, _ change: inout ClusterChange) {
    guard let service = slice.service else { return removeSlice(slice.name, revision, &change) }
    if let former = serviceOfSlice[slice.name], former != service { removeSlice(slice.name, revision, &change) }
    serviceOfSlice[slice.name] = service
    let former = slices[service, default: [:]].updateValue(slice, forKey: slice.name.name)
    guard former != slice else { return }
    addresses.replace(former, with: slice)
    change.services.insert(service)
    change.endpointSlices.insert(slice.name)
    // Of a slice that is new here it is not known what it held before, as after a start.
    if former?.readyAddresses.isSubset(of: slice.readyAddresses) != true { noteWithdrawal(revision) }
  }

  private mutating func removeSlice(_ name: ObjectName, _ revision: UInt64, _ change: inout ClusterChange) {
    guard let service = serviceOfSlice.removeValue(forKey: name) else { return }
    addresses.replace(slices[service]?.removeValue(forKey: name.name), with: nil)
    if slices[service]?.isEmpty == true { slices.removeValue(forKey: service) }
    change.services.insert(service)
    change.endpointSlices.insert(name)
    noteWithdrawal(revision)
  }

  private mutating func noteWithdrawal(_ revision: UInt64) { withdrawal = max(withdrawal, revision) }
}

extension ClusterChange {
  fileprivate mutating func insert(service: ObjectName) {
    services.insert(service)
    serviceObjects.insert(service)
  }
}
