import Lab

/// Puts the control plane together.
enum ServerComposition {
  static func run(_ options: ServerCommand) async throws {
    throw LabError(.missing, "the server is not part of this build yet")
  }
}
