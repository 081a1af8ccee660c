import Crypto
import JSONTree

/// The image of the sandbox's own container: ``PauseProgram`` and nothing else.
package enum PauseImage {
  /// The name containerd's `sandbox_image` refers to. No registry answers under it.
  package static let reference = "switchboard.local/pause:1"

  /// A docker-archive, which `ctr images import` reads.
  package static func archive(for architecture: PauseProgram.Architecture = .current) -> [UInt8] {
    var layer = TarArchive()
    layer.addFile("pause", PauseProgram.bytes(for: architecture), mode: 0o755)
    let layerBytes = layer.bytes
    let configuration: JSON = [
      "architecture": .string(architecture.rawValue),
      "os": "linux",
      "created": "1970-01-01T00:00:00Z",
      "config": ["Entrypoint": ["/pause"], "WorkingDir": "/", "User": "65535:65535"],
      "rootfs": ["type": "layers", "diff_ids": [.string("sha256:" + digest(layerBytes))]],
      "history": [["created": "1970-01-01T00:00:00Z", "created_by": "switchboard"]],
    ]
    let configurationBytes = configuration.encoded()
    let configurationName = digest(configurationBytes) + ".json"
    let manifest: JSON = [
      ["Config": .string(configurationName), "RepoTags": [.string(reference)], "Layers": ["layer.tar"]]
    ]
    var archive = TarArchive()
    archive.addFile("layer.tar", layerBytes)
    archive.addFile(configurationName, configurationBytes)
    archive.addFile("manifest.json", manifest.encoded())
    return archive.bytes
  }

  private static func digest(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}
