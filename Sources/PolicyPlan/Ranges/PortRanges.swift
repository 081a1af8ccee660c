package import NetworkTypes

/// Ports by protocol, as ranges: sorted, none touching another.
package struct PortRanges: Hashable, Sendable {
  package private(set) var ranges: [TransportProtocol: [ClosedRange<UInt16>]] = [:]

  package init() {}

  package var isEmpty: Bool { ranges.isEmpty }

  package init(_ list: [(transport: TransportProtocol, ports: ClosedRange<UInt16>)]) {
    for (transport, ports) in list { ranges[transport, default: []].append(ports) }
    ranges = ranges.mapValues { $0.merged() }
  }

  /// What any of them has.
  package init(unionOf parts: [PortRanges]) {
    self.init(parts.flatMap { part in part.ranges.flatMap { entry in entry.value.map { (entry.key, $0) } } })
  }

  package func contains(_ transport: TransportProtocol, _ port: UInt16) -> Bool {
    ranges[transport]?.contains { $0.contains(port) } ?? false
  }
}
