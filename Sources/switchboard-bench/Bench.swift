import ArgumentParser

/// `switchboard-bench` with one subcommand for each measurement, and the report.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switchboard-bench",
    abstract: "Measures Switchboard against what bounds it; `make bench` runs all of it.",
    discussion: """
      Each measurement prints its samples as lines of JSON. `report` makes the table of them, `plot` the picture:

        switchboard-bench server-start --server .build/release/switchboard --folder /var/tmp/b >samples
        switchboard lab run --nodes 2 -- switchboard-bench services >>samples
        switchboard-bench report samples
        switchboard-bench plot samples >docs/services.svg
      """,
    subcommands: [
      ServerStartCommand.self, APIWritesCommand.self, APIReadsCommand.self, APISizeCommand.self,
      FirstPodCommand.self, PodsCommand.self, ServicesCommand.self, ProgrammingCommand.self, BalanceCommand.self,
      PathsCommand.self, RolloutsCommand.self, PolicyPlanningCommand.self, PolicyBirthsCommand.self,
      PolicyVerdictsCommand.self, PoliciesCommand.self, MemoryCommand.self,
      ReportCommand.self, PlotCommand.self,
    ])
}
