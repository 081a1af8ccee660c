import APIClient
import APIServer
import ArgumentParser
import JSONTree
import KubernetesAPI

struct CreateTokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create-token", abstract: "Make a token by which machines join, and print how.",
    discussion: """
      The token is a secret in kube-system and good for a day, or as long as --hours says; deleting the secret ends it.
      Nodes that have joined with it stay.

        switchboard create-token --kubeconfig admin.kubeconfig
      """)

  @Option(help: ArgumentHelp("The administrator's kubeconfig.", valueName: "file"))
  var kubeconfig: String

  @Option(help: ArgumentHelp("How long the token is good for, at most a year.", valueName: "number"))
  var hours = 24

  func validate() throws {
    guard (1...8784).contains(hours) else { throw ValidationError("--hours has to be from 1 to 8784.") }
  }

  func run() async throws {
    let configuration = try Kubeconfig(path: kubeconfig).configuration()
    guard let authority = configuration.certificateAuthority else {
      throw ValidationError("\(kubeconfig) has no certificate authority: take the file the server wrote.")
    }
    let hash = try CertificateAuthority.fingerprint(ofCertificate: String(decoding: authority, as: UTF8.self))
    let client = APIClient(transport: try HTTPTransport(configuration: configuration), name: "switchboard-cli")
    let (id, secret) = (Self.random(6), Self.random(16))
    let end = Timestamp(seconds: Timestamp.now.seconds + Int64(hours) * 3600)
    _ = try await client.create(.secrets, Self.secret(id, secret, until: end), namespace: "kube-system")
    print(
      """
      switchboard agent --server \(configuration.server) --token \(id).\(secret) \\
        --authority-hash \(hash) --node-ip ADDRESS
      """)
  }

  private static func random(_ count: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    var generator = SystemRandomNumberGenerator()
    return String((0..<count).map { _ in letters.randomElement(using: &generator)! })
  }

  private static func secret(_ id: String, _ secret: String, until end: Timestamp) -> JSON {
    [
      "apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string("bootstrap-token-\(id)")],
      "type": "bootstrap.kubernetes.io/token",
      "stringData": [
        "token-id": .string(id), "token-secret": .string(secret), "expiration": .string(end.description),
        "usage-bootstrap-authentication": "true", "description": "made by switchboard create-token",
      ],
    ]
  }
}
