import Glibc
import JSONTree
import LinuxKernel
import Netlink

/// One call of the plugin.
struct PluginCall {
  struct Outcome {
    var output: String
    var isSuccess: Bool
  }

  private struct Failure: Error {
    /// Numbers of the CNI specification, section "Error".
    enum Code: Int64 {
      case invalidEnvironment = 4
      case inputOutput = 5
      case invalidContent = 6
      case tryAgainLater = 11
      case notAvailable = 50
    }

    var code: Code
    var message: String
    var details = ""
  }

  private static let defaultSocket = "/run/switchboard/cni.sock"
  private static let supportedVersions: [JSON] = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
  /// While the agent is being restarted, requests wait in the socket that its supervisor holds.
  private static let patience = 60

  private let environment: (String) -> String?

  init(environment: @escaping (String) -> String?) { self.environment = environment }

  func run() -> Outcome {
    var version = "1.0.0"
    do throws(Failure) {
      guard let command = environment("CNI_COMMAND") else {
        throw Failure(
          code: .invalidEnvironment, message: "CNI_COMMAND is not set",
          details: "switchboard-cni is a CNI plugin; the container runtime calls it, people do not")
      }
      let configuration = try readConfiguration()
      version = configuration["cniVersion"]?.string ?? version
      if command == "VERSION" { return success(versions(version)) }
      if configuration["type"]?.string == "loopback" { return try loopback(command, version) }
      let answer = try ask(request(command, configuration), command, configuration)
      if let error = answer["error"] { return failure(error, version) }
      guard let result = answer["result"] else {
        throw Failure(code: .inputOutput, message: "the agent's answer holds neither result nor error")
      }
      return command == "ADD" ? success(result) : Outcome(output: "", isSuccess: true)
    } catch {
      return failure(
        ["code": .int(error.code.rawValue), "msg": .string(error.message), "details": .string(error.details)], version)
    }
  }

  /// containerd asks a plugin named `loopback` to bring up every pod's loopback, beside the pod network. So that nothing
  /// else has to be installed, this program is that plugin too.
  private func loopback(_ command: String, _ version: String) throws(Failure) -> Outcome {
    guard command == "ADD" else { return Outcome(output: "", isSuccess: true) }
    let path = environment("CNI_NETNS") ?? ""
    do {
      // The loopback is always the first interface of a namespace.
      try RouteSocket(in: NetworkNamespace.open(path: path)).apply { $0.setUp(1) }
    } catch {
      throw Failure(
        code: .invalidEnvironment, message: "cannot bring up the loopback of CNI_NETNS \(path)", details: "\(error)")
    }
    return success([
      "cniVersion": .string(version),
      "interfaces": [["name": "lo", "mac": "00:00:00:00:00:00", "sandbox": .string(path)]],
      "ips": [["address": "127.0.0.1/8", "interface": 0]],
    ])
  }

  private func success(_ json: JSON) -> Outcome { Outcome(output: json.description, isSuccess: true) }

  private func failure(_ error: JSON, _ version: String) -> Outcome {
    var error = error
    error["cniVersion"] = .string(version)
    return Outcome(output: error.description, isSuccess: false)
  }

  private func versions(_ version: String) -> JSON {
    ["cniVersion": .string(version), "supportedVersions": .array(Self.supportedVersions)]
  }

  private func readConfiguration() throws(Failure) -> JSON {
    // Borrowed: standard input is not ours to close.
    let input = FileDescriptor(adopting: STDIN_FILENO)
    let bytes: [UInt8]
    do {
      bytes = try input.readToEnd(limit: 4 << 20)
    } catch {
      _ = input.release()
      throw Failure(code: .inputOutput, message: "cannot read the network configuration", details: error.message)
    }
    _ = input.release()
    do {
      return try JSON.parse(bytes)
    } catch {
      throw Failure(
        code: .invalidContent, message: "the network configuration on standard input is no JSON", details: "\(error)")
    }
  }

  private func request(_ command: String, _ configuration: JSON) -> JSON {
    [
      "command": .string(command),
      "containerID": .string(environment("CNI_CONTAINERID") ?? ""),
      "netns": .string(environment("CNI_NETNS") ?? ""),
      "ifName": .string(environment("CNI_IFNAME") ?? ""),
      "args": .string(environment("CNI_ARGS") ?? ""),
      "path": .string(environment("CNI_PATH") ?? ""),
      "config": configuration,
    ]
  }

  private func ask(_ request: JSON, _ command: String, _ configuration: JSON) throws(Failure) -> JSON {
    let path = configuration["socket"]?.string ?? Self.defaultSocket
    let answer: [UInt8]
    do {
      let socket = try UnixSocket.connect(to: path)
      try UnixSocket.setTimeout(socket, seconds: Self.patience)
      try UnixSocket.send(request.encoded(), to: socket)
      try UnixSocket.finishWriting(socket)
      answer = try socket.readToEnd(limit: 4 << 20)
    } catch {
      throw Failure(
        code: command == "STATUS" ? .notAvailable : .tryAgainLater,
        message: "the Switchboard agent of this node does not answer at \(path)",
        details: "\(error.message); start it with `switchboard agent`, or see its log")
    }
    do {
      return try JSON.parse(answer)
    } catch {
      throw Failure(
        code: .tryAgainLater, message: "the Switchboard agent broke off its answer", details: "\(error); see its log")
    }
  }
}
