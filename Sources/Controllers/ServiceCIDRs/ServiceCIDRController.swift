import APIClient
import JSONTree
import KubernetesAPI
import Logging
import NetworkTypes
import ServiceLifecycle

/// Says which ranges Services can get addresses from, and keeps each that is to go as long as an address of it is used.
package final class ServiceCIDRController: Service {
  private static let labels = [
    "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"
  ]

  private let context: ControllerContext
  private let client: APIClient
  private let recorder: EventRecorder
  private let ranges: Informer
  private let addresses: Informer
  /// From a deletion on: time for whoever has just taken an address of the range to say so.
  private let gracePeriod: Duration

  package init(context: ControllerContext, gracePeriod: Duration = .seconds(10)) {
    self.context = context
    self.gracePeriod = gracePeriod
    client = context.client.named("service-cidr-controller")
    recorder = context.recorder("service-cidr-controller")
    ranges = context.informers.informer(for: .serviceCIDRs)
    // There is one for each Service, of which the name and the labels are read.
    addresses = context.informers.informer(for: .ipAddresses, configuration: .metadata(of: .ipAddresses))
  }

  package func run() async {
    let reconciler = Reconciler(
      "servicecidrs", sources: [.init(ranges, keys: rangeKeys), .init(addresses, keys: addressKeys)],
      queue: WorkQueue(clock: context.clock), workers: 1, logger: context.logger, sync: sync)
    await reconciler.run(with: recorder)
  }

  /// A range that comes may stand in for one that is to go.
  private func rangeKeys(_ event: InformerEvent) -> [String] {
    guard let range = event.object else { return [] }
    let blocks = ServiceRangePlan.blocks(of: range)
    let overlapping = ranges.list().filter { other in
      other.isTerminating
        && ServiceRangePlan.blocks(of: other).contains { block in blocks.contains { $0.overlaps(block) } }
    }
    return [range.name] + overlapping.map(\.name)
  }

  /// An address that goes may have been the last of a range that is to go.
  private func addressKeys(_ event: InformerEvent) -> [String] {
    guard case .deleted(let object) = event, let address = IPAddress(object.name) else { return [] }
    return ranges.list().filter { range in
      range.isTerminating && ServiceRangePlan.blocks(of: range).contains { $0.contains(address) }
    }.map(\.name)
  }

  func sync(_ name: String) async throws -> Duration? {
    guard let range = ranges.get(name: name) else { return nil }
    // Of two that are to go neither can stand in for the other.
    let others = ranges.list().filter { $0.name != name && !$0.isTerminating }
    // Only what is to go asks for the addresses.
    let held =
      range.isTerminating
      ? addresses.list().filter { object in Self.labels.allSatisfy { object.labels[$0.key] == $0.value } } : []
    let plan = ServiceRangePlan(
      range, others: others, addresses: held.lazy.compactMap { IPAddress($0.name) }, now: context.now())
    switch plan {
    case .settled: break
    case .protect(let changed):
      _ = try await client.update(.serviceCIDRs, changed)
    // The status follows with the change's event.
    case .tell(let changed):
      do {
        _ = try await client.updateStatus(.serviceCIDRs, changed)
      } catch let error as APIError where !error.isConflict && !error.isNotFound {
        if !range.isTerminating {
          recorder.record(
            range, .warning, reason: "KubernetesServiceCIDRError",
            "The ServiceCIDR Status can not be set to Ready=True")
        }
        throw error
      }
    case .release(let changed):
      if let left = remainingGrace(of: range) { return left }
      do {
        _ = try await client.update(.serviceCIDRs, changed)
      } catch let error as APIError where error.isNotFound {
        // Somebody else let it go.
      }
    }
    return nil
  }

  /// How long a deleted range has to wait yet; `nil` where it has waited.
  private func remainingGrace(of range: JSON) -> Duration? {
    guard let deleted = range.deletionTimestamp.flatMap({ Timestamp($0) }) else { return nil }
    let left = gracePeriod - (context.now() - deleted)
    return left > .zero ? left : nil
  }
}
