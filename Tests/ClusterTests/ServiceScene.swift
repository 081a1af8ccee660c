import JSONTree
import LinuxKernel
import SwitchboardTesting
import Testing

/// A namespace of the shared lab in which tests of Services find, on each node N, a pod that tells who asks it (`web-N`),
/// one that asks (`client-N`) and one on the host's network that asks (`host-N`), and a Service `web` of all the first.
///
/// It is made once and stays: its pods take longer to start than most of those tests do. What a test adds it takes away.
struct ServiceScene {
  static let namespace = "scene"
  /// The names of the pods behind `web`.
  static let all: Set<String> = ["web-1", "web-2", "web-3"]
  private static let made = Result { try ServiceScene() }

  static func standing() throws -> ServiceScene { try made.get() }

  let lab: LabSession

  private init() throws {
    lab = try SharedLab.session()
    try lab.kubectl("create", "namespace", Self.namespace)
    let pods = (1...3).flatMap { node in
      [
        Manifest.teller("web-\(node)", labels: "app: web, pod: web-\(node)", node: "node-\(node)"),
        Manifest.client("client-\(node)", node: "node-\(node)"),
        Manifest.client("host-\(node)", node: "node-\(node)", hostNetwork: true),
      ]
    }
    try apply(pods.joined(separator: "\n---\n"), Manifest.service("web"))
    try kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=60s")
  }

  // MARK: Objects

  @discardableResult
  func kubectl(_ arguments: String..., input: String = "") throws -> String {
    try lab.kubectl(in: Self.namespace, arguments, input: input)
  }

  func apply(_ manifests: String...) throws {
    try kubectl("apply", "-f", "-", input: manifests.joined(separator: "\n---\n"))
  }

  /// Applies manifests, hands over, and deletes what they made.
  func with(_ manifests: String..., body: () throws -> Void) throws {
    let text = manifests.joined(separator: "\n---\n")
    defer {
      _ = try? kubectl("delete", "--wait=false", "--ignore-not-found", "--grace-period=0", "-f", "-", input: text)
    }
    try apply(text)
    try body()
  }

  /// A merge patch.
  func patch(_ object: String, _ patch: String) throws {
    try kubectl("patch", object, "--type=merge", "-p", patch)
  }

  /// What the server says to a manifest that it must not take.
  func refusal(of manifest: String) throws -> String {
    let output = try lab.run(["kubectl", "-n", Self.namespace, "apply", "-f", "-"], input: manifest)
    try #require(output.code != 0, "accepted: \(output.text)")
    return output.text
  }

  /// An object, asked for until it is as it shall be, for a few seconds; as it was in the end.
  func object(_ name: String, until isRight: (JSON) -> Bool = { _ in true }) throws -> JSON {
    var object: JSON = [:]
    for _ in 0..<50 {
      // Warnings come with the text: a kind may be deprecated.
      let text = try kubectl("get", name, "-o", "json").drop { $0 != "{" }
      object = try JSON.parse(Array(text.utf8))
      if isRight(object) { break }
    }
    return object
  }

  /// The Service's slices, likewise.
  func slices(of service: String, until isRight: ([JSON]) -> Bool = { _ in true }) throws -> [JSON] {
    var slices: [JSON] = []
    for _ in 0..<50 {
      let text = try kubectl("get", "endpointslices", "-l", "kubernetes.io/service-name=\(service)", "-o", "json")
      slices = try JSON.parse(Array(text.utf8))["items"]?.items ?? []
      if isRight(slices) { break }
    }
    return slices
  }

  func field(_ object: String, _ path: String) throws -> String {
    try kubectl("get", object, "-o", "jsonpath={\(path)}")
  }

  func clusterAddress(_ service: String) throws -> String { try field("service/\(service)", ".spec.clusterIP") }

  func podAddress(_ pod: String) throws -> String { try field("pod/\(pod)", ".status.podIP") }

  /// Waits for pods of a test's own.
  func ready(_ pods: String...) throws {
    for pod in pods { try kubectl("wait", "--for=condition=Ready", "pod/\(pod)", "--timeout=30s") }
  }

  /// The address of a Service of type LoadBalancer, once it has one.
  func balancedAddress(_ service: String) throws -> String {
    let path = ".status.loadBalancer.ingress[0].ip"
    try kubectl("wait", "service/\(service)", "--for=jsonpath={\(path)}", "--timeout=20s")
    return try field("service/\(service)", path)
  }

  // MARK: Packets

  enum Asker: CustomStringConvertible {
    case pod(String)
    /// The lab's own side of the nodes' link, which is no node.
    case outside

    static func client(_ node: Int) -> Asker { .pod("client-\(node)") }
    static func host(_ node: Int) -> Asker { .pod("host-\(node)") }

    var description: String {
      switch self {
      case .pod(let name): name
      case .outside: "outside"
      }
    }
  }

  enum Transport: String {
    case tcp
    case udp
  }

  /// A shell function that asks `HOST:PORT` once: it prints the answer, `refused`, or `silence` where there is no answer
  /// within a second or no way there.
  private static func asking(_ transport: Transport) -> String {
    let call =
      switch transport {
      case .tcp: "socat -T 2 -u TCP4:$1,connect-timeout=1 -"
      case .udp: "socat -t 0 -T 1 UDP4:$1 SYSTEM:'echo; read line; echo \"$line\" >&2'"
      }
    return """
      one() {
        a=$(\(call) 2>&1)
        case "$a" in *'onnection refused'*) a=refused;; *'timed out'*|*'unreachable'*|*'No route'*|'') a=silence;; esac
        echo "$a"
      }
      """
  }

  func run(_ asker: Asker, _ script: String) throws -> String {
    switch asker {
    case .pod(let name): try kubectl("exec", name, "--", "sh", "-c", script)
    case .outside: try lab.shell(script)
    }
  }

  /// Who answers at each of the `HOST:PORT`s, asked one after the other in several rounds.
  func answers(
    _ targets: [String], from asker: Asker, rounds: Int, pause: Duration = .zero
  ) throws -> [[String]] {
    let milliseconds = pause / .milliseconds(1)
    return try run(
      asker,
      """
      \(Self.asking(.tcp))
      for i in $(seq \(rounds)); do
        [ "$i" = 1 ] || sleep \(milliseconds / 1000)
        for target in \(targets.joined(separator: " ")); do one "$target" | cut -d' ' -f1; done | tr '\\n' ' '
        echo
      done
      """
    ).split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  /// Who answers a new connection, once somebody does.
  func someone(at target: String, from asker: Asker) throws -> String {
    try run(
      asker,
      """
      \(Self.asking(.tcp))
      for i in $(seq 100); do
        a=$(one \(target) | cut -d' ' -f1)
        case "$a" in refused|silence) sleep 0.05;; *) break;; esac
      done
      echo "$a"
      """)
  }

  /// Expects exactly these answers at `HOST:PORT`, each at least once over several new connections. A change takes a
  /// moment to be in force everywhere: it asks for ten seconds before it gives up.
  ///
  /// - Parameter source: the address that those who answer have to be asked from.
  func expect(
    _ names: Set<String>, at target: String, from asker: Asker, source: String? = nil, over transport: Transport = .tcp,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = names.map { name in source.map { "\(name) \($0)" } ?? name }.sorted().joined(separator: ",")
    let times = names == ["silence"] ? 1 : names == ["refused"] ? 3 : max(10, names.count * 8)
    let got = try run(
      asker,
      """
      \(Self.asking(transport))
      end=$(($(date +%s) + 10))
      while :; do
        got=
        for i in $(seq \(times)); do
          a=$(one \(target)\(source == nil ? " | cut -d' ' -f1" : ""))
          case ",$got," in *",$a,"*) ;; *) got="$got,$a";; esac
          case ",\(expected)," in *",$a,"*) ;; *) break;; esac
        done
        got=$(echo "$got" | tr , '\\n' | grep . | sort | tr '\\n' ,)
        [ "$got" = "\(expected)," ] || [ $(date +%s) -ge $end ] && break
      done
      echo "${got%,}"
      """)
    #expect(got == expected, "\(target) from \(asker)", sourceLocation: sourceLocation)
  }
}

extension Manifest {
  /// A pod that tells its name and who asks: over TCP on port 8080 and, as `second-…`, on 8081, and over UDP on 8080.
  static func teller(_ name: String, labels: String, node: String, ports: String = "") -> String {
    let peer = "$SOCAT_PEERADDR"
    return """
      apiVersion: v1
      kind: Pod
      metadata: {name: \(name), labels: {\(labels)}}
      spec:
        terminationGracePeriodSeconds: 0
        nodeName: \(node)
        containers:
        - name: main
          image: switchboard/busybox:1
          command:
          - sh
          - -c
          - |
            socat UDP4-RECVFROM:8080,fork SYSTEM:'read line; echo \(name) \(peer)' &
            socat TCP4-LISTEN:8081,fork,reuseaddr SYSTEM:'echo second-\(name) \(peer)' &
            exec socat TCP4-LISTEN:8080,fork,reuseaddr SYSTEM:'echo \(name) \(peer)'
          ports: [\(ports)]
          readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
      """
  }
}
