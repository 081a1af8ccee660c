import APIServer
import ServiceLifecycle
import Synchronization

/// Which services of the control plane run: what `componentstatuses` tells of them.
final class ComponentBoard: Sendable {
  private struct Count {
    var expected = 0
    var running = 0
  }

  private let counts = Mutex<[String: Count]>([:])

  /// - Parameter name: as `kubectl get componentstatuses` shows it.
  func component(_ name: String) -> ControlPlaneComponent {
    ControlPlaneComponent(name) { [self] in
      let count = counts.withLock { $0[name] } ?? Count()
      if count.expected > 0, count.running == count.expected { return nil }
      return "\(count.running) of \(count.expected) of its services are running"
    }
  }

  /// The service, counted as a part of the component while it runs.
  func watching(_ service: any Service, as name: String) -> any Service {
    counts.withLock { $0[name, default: Count()].expected += 1 }
    return Watched(service: service, name: name, board: self)
  }

  private struct Watched: Service {
    let service: any Service
    let name: String
    let board: ComponentBoard

    func run() async throws {
      board.counts.withLock { $0[name, default: Count()].running += 1 }
      defer { board.counts.withLock { $0[name, default: Count()].running -= 1 } }
      try await service.run()
    }
  }
}
