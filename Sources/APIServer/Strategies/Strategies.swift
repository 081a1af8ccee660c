package import KubernetesAPI
package import NetworkTypes

/// The strategy of every served kind.
package struct Strategies: Sendable {
  package let addresses: ServiceAddressAllocator
  package let nodePorts: NodePortAllocator
  private let strategies: [ResourceKind: any ResourceStrategy]
  private static let plain = PlainStrategy()

  /// - Parameter serviceFamilies: Of the cluster's Services, the primary one first.
  package init(serviceFamilies: [IPAddress.Family]) {
    addresses = ServiceAddressAllocator(families: serviceFamilies)
    nodePorts = NodePortAllocator(range: 30000...32767)
    strategies = [
      .namespaces: NamespaceStrategy(),
      .pods: PodStrategy(),
      .services: ServiceStrategy(addresses: addresses, nodePorts: nodePorts),
      .ipAddresses: IPAddressStrategy(addresses: addresses),
      .secrets: SecretStrategy(),
      .deployments: WorkloadStrategy(),
      .replicaSets: WorkloadStrategy(),
      .endpointSlices: EndpointSliceStrategy(),
      .serviceAccounts: PlainStrategy(returnsDeletedObject: true),
      .leases: PlainStrategy(allowsUnconditionalUpdate: false, allowsCreateOnUpdate: true),
      .nodes: NodeStrategy(),
    ].merging(Self.further) { _, new in new }
  }

  /// Of the kinds that differ from the plain strategy in its switches alone, and of jobs.
  private static var further: [ResourceKind: any ResourceStrategy] {
    var strategies: [ResourceKind: any ResourceStrategy] = [.jobs: JobStrategy()]
    for kind: ResourceKind in [
      .replicationControllers, .statefulSets, .daemonSets, .cronJobs, .podDisruptionBudgets, .ingresses,
      .ingressClasses, .networkPolicies, .serviceCIDRs, .priorityClasses, .flowSchemas, .priorityLevels,
    ] {
      strategies[kind] = PlainStrategy(tracksGeneration: true)
    }
    for kind: ResourceKind in [
      .endpoints, .coreEvents, .events, .limitRanges, .roles, .roleBindings, .clusterRoles, .clusterRoleBindings,
    ] {
      strategies[kind] = PlainStrategy(allowsCreateOnUpdate: true)
    }
    for kind: ResourceKind in [.persistentVolumes, .persistentVolumeClaims, .podTemplates, .resourceQuotas] {
      strategies[kind] = PlainStrategy(returnsDeletedObject: true)
    }
    for kind: ResourceKind in [.runtimeClasses, .csiDrivers, .csiNodes, .csiStorageCapacities, .volumeAttachments] {
      strategies[kind] = PlainStrategy(allowsUnconditionalUpdate: false)
    }
    return strategies
  }

  package subscript(_ kind: ResourceKind) -> any ResourceStrategy { strategies[kind] ?? Self.plain }

  /// Takes what existing objects hold. To be called once the registry has started.
  package func adopt(_ registry: Registry) throws(APIStatus) {
    for service in try registry.cache(of: .services).view.objects {
      let shape = ServiceShape(try service.tree())
      addresses.adopt(shape.heldAddresses)
      nodePorts.adopt(shape.heldPorts)
    }
    try addresses.follow(ranges: registry.cache(of: .serviceCIDRs), objects: registry.cache(of: .ipAddresses))
  }
}
