import Synchronization

/// What a request has taken on its way, and gives back where it fails.
final class RequestUndo: Sendable {
  private let steps = Mutex<[@Sendable () -> Void]>([])

  func add(_ step: @escaping @Sendable () -> Void) { steps.withLock { $0.append(step) } }

  /// Gives everything back, the last thing first; once.
  func run() {
    let taken = steps.withLock { steps in
      defer { steps = [] }
      return steps
    }
    for step in taken.reversed() { step() }
  }
}
