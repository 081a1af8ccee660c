@testable import NodeAgent

/// One run of a container, as the runtime shows it.
struct Observed: Sendable {
  let name: String
  let state: PodRuntime.State
  var code: Int32 = 0
  var attempt: UInt32 = 0

  static func run(_ name: String, attempt: UInt32 = 0) -> Observed {
    Observed(name: name, state: .running, attempt: attempt)
  }
  static func end(_ name: String, _ code: Int32, attempt: UInt32 = 0) -> Observed {
    Observed(name: name, state: .exited, code: code, attempt: attempt)
  }
  static func made(_ name: String) -> Observed { Observed(name: name, state: .created) }

  var text: String { "\(name) \(state)\(state == .exited ? " \(code)" : "")" }
}

extension PodRuntime {
  /// In one sandbox that is ready; several runs of one container newest first.
  static func of(_ runs: [Observed]) -> PodRuntime {
    var runtime = PodRuntime()
    runtime.sandboxes = [Sandbox(id: "s", attempt: 0, isReady: true, createdAt: 1, addresses: ["10.244.0.1"])]
    for run in runs {
      runtime.containers[run.name, default: []].append(
        Container(
          id: "\(run.name)-\(run.attempt)", sandboxID: "s", name: run.name, attempt: run.attempt, state: run.state,
          startedAt: run.state == .created ? 0 : 1_000_000_000, finishedAt: run.state == .exited ? 2_000_000_000 : 0,
          exitCode: run.code, imageReference: "sha256:x"))
    }
    return runtime
  }
}
