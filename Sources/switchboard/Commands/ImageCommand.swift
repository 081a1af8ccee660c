import ArgumentParser
import Lab

struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Put images into the nodes.", subcommands: [ImageLoadCommand.self])
}

struct ImageLoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Put image archives into every node.",
    discussion: """
      The archive is one that `docker save`, `podman save` or `ctr images export` wrote.

        docker save app:1 -o app.tar
        switchboard image load app.tar

      A pod then uses the image by its name; give it a tag other than `latest`, or set `imagePullPolicy: IfNotPresent`.
      """)

  @OptionGroup var state: StateOptions
  @Argument(help: ArgumentHelp("The archives.", valueName: "file")) var files: [String]

  func run() throws {
    let cluster = try state.runningCluster()
    try ImageLoading.load(files, into: cluster.nodes.map { NodeFolder($0.folder) })
    print("loaded into \(cluster.nodes.map(\.name).joined(separator: ", "))")
  }
}
