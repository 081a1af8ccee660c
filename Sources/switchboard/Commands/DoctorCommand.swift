import ArgumentParser

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check what this machine and its kernel have and lack, with the remedy.",
    discussion: """
      Exit code 1 where something essential is missing.

        switchboard doctor
        switchboard doctor --output json
      """)

  func run() throws {}
}
