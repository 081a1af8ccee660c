import HashTreeCollections
package import JSONTree
package import KubernetesAPI

/// One change to one object, already reduced to what the network needs.
package enum ClusterEvent: Sendable, Hashable {
  case service(ServiceModel)
  case serviceRemoved(ObjectName)
  case endpointSlice(EndpointSliceModel)
  case endpointSliceRemoved(ObjectName)
  case pod(PodModel)
  case podRemoved(ObjectName)
  case node(NodeModel)
  case nodeRemoved(String)
  case namespace(NamespaceModel)
  case namespaceRemoved(String)

  /// The kinds the model is made of.
  package static let kinds: [ResourceKind] = [.namespaces, .nodes, .pods, .services, .endpointSlices]

  /// From an object that appeared, changed or went; `nil` for a kind that is not part of the model.
  package init?(kind: ResourceKind, object: JSON, isRemoved: Bool) {
    switch kind {
    case .services: self = isRemoved ? .serviceRemoved(object.objectName) : .service(ServiceModel(object: object))
    case .endpointSlices:
      self =
        isRemoved
        ? .endpointSliceRemoved(object.objectName) : .endpointSlice(EndpointSliceModel(object: object))
    case .pods: self = isRemoved ? .podRemoved(object.objectName) : .pod(PodModel(object: object))
    case .nodes: self = isRemoved ? .nodeRemoved(object.name) : .node(NodeModel(object: object))
    case .namespaces: self = isRemoved ? .namespaceRemoved(object.name) : .namespace(NamespaceModel(object: object))
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
      if services.updateValue(service, forKey: service.name) != service { change.services.insert(service.name) }
    case .serviceRemoved(let name):
      if services.removeValue(forKey: name) != nil { change.services.insert(name) }
    case .endpointSlice(let slice): put(slice, &change)
    case .endpointSliceRemoved(let name): removeSlice(name, &change)
    case .pod(let pod):
      if pods.updateValue(pod, forKey: pod.name) != pod { change.pods.insert(pod.name) }
    case .podRemoved(let name):
      if pods.removeValue(forKey: name) != nil { change.pods.insert(name) }
    case .node(let node):
      if nodes.updateValue(node, forKey: node.name) != node { change.nodes.insert(node.name) }
    case .nodeRemoved(let name):
      if nodes.removeValue(forKey: name) != nil { change.nodes.insert(name) }
    case .namespace(let namespace):
      if namespaces.updateValue(namespace, forKey: namespace.name) != namespace {
        change.namespaces.insert(namespace.name)
      }
    case .namespaceRemoved(let name):
      if namespaces.removeValue(forKey: name) != nil { change.namespaces.insert(name) }
    }
    return change
  }

  private mutating func put(_ slice: EndpointSliceModel, _ change: inout ClusterChange) {
    guard let service = slice.service else { return removeSlice(slice.name, &change) }
    if let former = serviceOfSlice[slice.name], former != service { removeSlice(slice.name, &change) }
    serviceOfSlice[slice.name] = service
    if slices[service, default: [:]].updateValue(slice, forKey: slice.name.name) != slice {
      change.services.insert(service)
    }
  }

  private mutating func removeSlice(_ name: ObjectName, _ change: inout ClusterChange) {
    guard let service = serviceOfSlice.removeValue(forKey: name) else { return }
    slices[service]?.removeValue(forKey: name.name)
    if slices[service]?.isEmpty == true { slices.removeValue(forKey: service) }
    change.services.insert(service)
  }
}
