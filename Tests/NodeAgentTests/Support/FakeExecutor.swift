import Synchronization

@testable import NodeAgent

/// Carries out probes and hooks as the test says.
final class FakeExecutor: ProbeExecutor {
  typealias Answer = @Sendable (ProbeAction) async -> ProbeResult

  private let state = Mutex<(actions: [ProbeAction], answer: Answer)>(([], { _ in ProbeResult(isSuccess: true) }))

  /// What was asked, in order.
  var actions: [ProbeAction] { state.withLock(\.actions) }

  func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

  func runHook(_ action: ProbeAction, containerID: String, timeout: Duration) async -> ProbeResult {
    await run(action, containerID: containerID, timeout: timeout)
  }

  func run(_ action: ProbeAction, containerID: String, timeout: Duration) async -> ProbeResult {
    let answer = state.withLock { state in
      state.actions.append(action)
      return state.answer
    }
    return await answer(action)
  }
}
