/// One thing Switchboard needs of the kernel or the machine, looked at once.
package struct KernelFeature: Sendable, Hashable {
  package enum State: Sendable, Hashable {
    /// There; the text adds what is worth knowing, such as a version.
    case present(String)
    /// Not there, with the kernel's reason.
    case missing(String)
  }

  package enum Importance: String, Sendable, Hashable {
    /// Nothing works without it.
    case required
    /// Something works less well, or not at all, without it; `purpose` says what.
    case optional
  }

  /// A word for machines, such as `nftables-nat`.
  package let name: String
  package let purpose: String
  package let importance: Importance
  package let state: State
  /// What to do where it is missing.
  package let remedy: String

  package init(
    name: String, purpose: String, importance: Importance = .required, state: State, remedy: String
  ) {
    self.name = name
    self.purpose = purpose
    self.importance = importance
    self.state = state
    self.remedy = remedy
  }

  package var isPresent: Bool { if case .present = state { true } else { false } }

  /// Tries something out: what it returns is worth knowing, what it throws is the reason.
  package static func trying(
    _ name: String, _ purpose: String, importance: Importance = .required, remedy: String,
    _ body: () throws -> String
  ) -> KernelFeature {
    let state: State
    do { state = .present(try body()) } catch { state = .missing("\(error)") }
    return KernelFeature(name: name, purpose: purpose, importance: importance, state: state, remedy: remedy)
  }
}
