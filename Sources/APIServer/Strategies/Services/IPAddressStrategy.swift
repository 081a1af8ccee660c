import JSONTree
import KubernetesAPI
import NetworkTypes

/// An IPAddress object takes its address, so that no Service gets it; and nobody makes one of an address that a Service
/// has, whose own object may come a moment later (``ServiceAddressObjects``). The allocator sees when the object goes.
struct IPAddressStrategy: ResourceStrategy {
  let addresses: ServiceAddressAllocator

  var tracksGeneration: Bool { true }

  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    // A name that is no address is refused by validation.
    guard let address = IPAddress(object.name) else { return }
    let addresses = context.isDryRun ? addresses.copy() : addresses
    guard addresses.reserve(address) else { throw .alreadyExists(.ipAddresses, object.name) }
    if !context.isDryRun { context.undo.add { addresses.endReservation(address) } }
  }
}
