import JSONTree
import NIOConcurrencyHelpers

/// Gives node ports to Services. A port is one Service's over all protocols it asks for.
package final class NodePortAllocator: Sendable {
  private struct Use: Hashable {
    let port: Int64
    let transport: String
  }

  package let range: ClosedRange<Int64>
  private let used = NIOLockedValueBox<Set<Use>>([])

  package init(range: ClosedRange<Int64>) { self.range = range }

  func adopt(_ service: JSON) { settle(service, instead: [:]) }

  func release(_ service: JSON) { settle([:], instead: service) }

  /// Gives back what only `dropped` holds. What both hold is never free in between.
  func settle(_ kept: JSON, instead dropped: JSON) {
    let (kept, dropped) = (Self.uses(of: kept), Self.uses(of: dropped))
    used.withLockedValue { used in
      used.subtract(dropped)
      used.formUnion(kept)
    }
  }

  /// Takes a particular port; false where it is taken.
  func take(_ port: Int64, transport: String) -> Bool {
    used.withLockedValue { $0.insert(Use(port: port, transport: transport)).inserted }
  }

  /// Takes a port that is free for every protocol; `nil` where there is none.
  func takeAny(transport: String) -> Int64? {
    used.withLockedValue { used in
      let start = Int64.random(in: range)
      let count = Int64(range.count)
      for step in 0..<count {
        let port = range.lowerBound + (start - range.lowerBound + step) % count
        let isFree = ["TCP", "UDP", "SCTP"].allSatisfy { !used.contains(Use(port: port, transport: $0)) }
        if isFree {
          used.insert(Use(port: port, transport: transport))
          return port
        }
      }
      return nil
    }
  }

  private static func uses(of service: JSON) -> Set<Use> {
    var uses: Set<Use> = []
    for port in service[path: "spec", "ports"]?.items ?? [] {
      guard let number = port["nodePort"]?.int, number > 0 else { continue }
      uses.insert(Use(port: number, transport: port["protocol"]?.string ?? "TCP"))
    }
    return uses
  }
}
