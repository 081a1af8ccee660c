import ArgumentParser

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Print the table of all samples.",
    discussion: "Exit code 1 where a figure has no samples; a figure over its bound is only said.")

  @Argument(help: "Files with the lines that the measurements printed.") var files: [String]

  func run() throws {
    var samples = SampleSet()
    for file in files { try samples.read(file) }
    let table = ReportTable(samples)
    print(table.text, terminator: "")
    print("Others' figures, in parentheses, come from other runs: they orient, the rest is of this run.")
    if !table.isComplete { throw ExitCode.failure }
  }
}
