import NamePlan

/// A query that another server has to answer, or to complete.
struct Inquiry: Sendable {
  /// The client's message.
  let query: [UInt8]
  /// Where the question ends in it.
  let questionEnd: Int
  /// The largest reply the client takes.
  let limit: Int
  let hasOPT: Bool
  let type: RecordType
  /// Aliases of ours that lead to `target`; empty where the client's question is passed on as it is.
  let aliases: [NameRecord]
  /// The name to ask for where ``aliases`` are there.
  let target: DNSName?
}
