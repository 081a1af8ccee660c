import Lab

/// Puts a node together.
enum AgentComposition {
  static func run(_ options: AgentCommand) async throws {
    throw LabError(.missing, "the agent is not part of this build yet")
  }
}
