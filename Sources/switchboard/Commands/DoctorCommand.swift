import ArgumentParser
import JSONTree
import Lab
import LinuxKernel
import NFTables
import Netlink

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check what this machine and its kernel have and lack, with the remedy.",
    discussion: """
      Exit code 1 where something essential is missing.

        switchboard doctor
        switchboard doctor --output json | jq '.[] | select(.present | not)'
      """)

  @OptionGroup var state: StateOptions
  @Option(name: .shortAndLong, help: "text, or json for scripts.") var output = OutputFormat.text

  func run() throws {
    let features =
      KernelFeatures.probe() + LinkFeatures.probe() + NFTFeatures.probe()
      + MachineFeatures.probe(stateFolder: state.stateDir)
    output.show(Self.text(features), Self.tree(features))
    if features.contains(where: { !$0.isPresent && $0.importance == .required }) { throw ExitCode.failure }
  }

  static func text(_ features: [KernelFeature]) -> String {
    let width = features.map(\.name.count).max() ?? 0
    var text = ""
    for feature in features {
      let name = feature.name + String(repeating: " ", count: width - feature.name.count)
      switch feature.state {
      case .present(let detail): text += "ok       \(name)  \(detail.isEmpty ? feature.purpose : detail)\n"
      case .missing(let reason):
        let word = feature.importance == .required ? "MISSING " : "lacking "
        text += "\(word) \(name)  \(reason); \(feature.purpose)\n"
        text += String(repeating: " ", count: width + 11) + "remedy: \(feature.remedy)\n"
      }
    }
    let missing = features.count { !$0.isPresent && $0.importance == .required }
    let lacking = features.count { !$0.isPresent && $0.importance == .optional }
    text += missing == 0 ? "\nClusters can run here" : "\n\(missing) of the above keep clusters from running here"
    return text
      + (lacking == 0 ? ".\n" : "; \(lacking) optional \(lacking == 1 ? "thing is" : "things are") lacking.\n")
  }

  static func tree(_ features: [KernelFeature]) -> JSON {
    .array(
      features.map { feature in
        var detail = ""
        switch feature.state {
        case .present(let text), .missing(let text): detail = text
        }
        return [
          "name": .string(feature.name), "purpose": .string(feature.purpose), "present": .bool(feature.isPresent),
          "required": .bool(feature.importance == .required), "detail": .string(detail),
          "remedy": feature.isPresent ? .null : .string(feature.remedy),
        ]
      })
  }
}
