import JSONTree
import KubernetesAPI

/// Services get their addresses and node ports when they are made and give them back when they go.
struct ServiceStrategy: ResourceStrategy {
  let addresses: ServiceAddressAllocator
  let nodePorts: NodePortAllocator

  var returnsDeletedObject: Bool { true }

  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    object["status"] = ["loadBalancer": [:]]
    ServiceCarryOver.align(&object, replacing: nil)
    try ServiceAllocation(addresses, nodePorts, for: context).complete(&object, replacing: nil)
  }

  func prepareForUpdate(_ object: inout JSON, from old: JSON, _ context: StrategyContext) throws(APIStatus) {
    ServiceCarryOver.keepAllocated(&object, of: old)
    ServiceCarryOver.align(&object, replacing: old)
    ServiceCarryOver.dropFieldsOfOldType(&object, of: old)
    try ServiceAllocation(addresses, nodePorts, for: context).complete(&object, replacing: old)
  }

  func release(_ object: JSON) {
    let shape = ServiceShape(object)
    addresses.release(shape.heldAddresses)
    nodePorts.release(shape.heldPorts)
  }

  func settle(_ kept: JSON, instead dropped: JSON) {
    let (kept, dropped) = (ServiceShape(kept), ServiceShape(dropped))
    addresses.release(Set(dropped.heldAddresses).subtracting(kept.heldAddresses))
    nodePorts.release(dropped.heldPorts.subtracting(kept.heldPorts))
  }
}
