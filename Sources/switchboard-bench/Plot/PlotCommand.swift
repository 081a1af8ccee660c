import ArgumentParser

struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draw the curves over the number of Services, as SVG.",
    discussion: "Fails where the files lack samples of a curve: half a picture would pass for a whole one.")

  @Argument(help: "Files with the lines that the measurements printed.") var files: [String]

  func run() throws {
    var samples = SampleSet()
    for file in files { try samples.read(file) }
    print(try ScalePicture(samples).svg, terminator: "")
  }
}
