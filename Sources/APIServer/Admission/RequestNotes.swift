import NIOConcurrencyHelpers

/// What is to be told of a request beside its answer: warnings to the client, annotations to the audit log.
///
/// A change that is tried again on a newer object finds the same things again, so each is kept once.
package final class RequestNotes: Sendable {
  private struct State {
    var warnings: [String] = []
    var annotations: [String: String] = [:]
  }

  private let state = NIOLockedValueBox(State())

  package init() {}

  package var warnings: [String] { state.withLockedValue { $0.warnings } }
  package var annotations: [String: String] { state.withLockedValue { $0.annotations } }

  func warn(_ text: String) {
    state.withLockedValue { state in
      if !state.warnings.contains(text) { state.warnings.append(text) }
    }
  }

  func annotate(_ key: String, _ value: String) { state.withLockedValue { $0.annotations[key] = value } }
}
