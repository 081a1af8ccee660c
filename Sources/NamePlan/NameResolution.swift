/// What the index says to one question.
package struct NameResolution: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    /// Answers are there.
    case found
    /// The name exists, but has no record of the type.
    case noData
    /// The name does not exist.
    case noSuchName
    /// Another server has to answer.
    case foreign
    /// The answers end in an alias to a name of another zone: its records are to be asked for and added.
    case unfinished(DNSName)
  }

  package var outcome: Outcome
  package var answers: [NameRecord] = []
  package var additional: [NameRecord] = []
  /// Of the zone that says no; with negative answers only.
  package var authority: NameRecord?

  init(_ outcome: Outcome, answers: [NameRecord] = [], additional: [NameRecord] = []) {
    self.outcome = outcome
    self.answers = answers
    self.additional = additional
  }
}
