import Lab
import LinuxKernel
import SwitchboardTesting
import Testing

/// Agents started one by one, by hand, against one server: what several machines do.
@Suite(.serialized) struct ClusterMachinesTests {
  @Test func theGuestbookRunsOnAgentsStartedByHand() throws {
    let output = try rehearse(
      ["\(Repository.root)/scripts/demo-steps.sh"], images: ["busybox", "redis", "guestbook-api", "guestbook-web"])
    #expect(output.exit == .exited(0), "\(output.text)")
    #expect(output.text.contains("1. 2 nodes"))
    #expect(output.text.contains("Done after"))
  }

  /// What is done with pods of machines that share no link. Each line it prints begins with a word for the test.
  private static let steps = #"""
    set -euo pipefail
    kubectl apply -f - >&2
    kubectl wait --for=condition=Ready --timeout=60s pod --all >&2
    kubectl rollout status --timeout=60s deployment/names >&2
    address() { kubectl get pod "$1" -o jsonpath='{.status.podIP}'; }
    there=$(address there)
    echo "answer $(kubectl exec here -- curl -fsS -m 5 "http://$there:8080")"
    echo "source $(kubectl exec here -- sh -c "socat -T 5 -u TCP:$there:9 -") $(address here)"
    echo "mtu $(kubectl exec here -- cat /sys/class/net/eth0/mtu)"
    for pod in here there; do
      names=$(kubectl exec $pod -- sh -c 'for i in $(seq 40); do curl -fsS -m 5 http://names; done' | sort -u | wc -l)
      echo "names $names"
    done
    echo "node $(kubectl exec host -- curl -fsS -m 5 "http://$there:8080")"
    echo "bytes $(kubectl exec host -- sh -c "head -c 300000 /dev/zero | socat -t 5 - TCP:$there:7 | wc -c")"
    """#

  @Test func podsOfMachinesOnDifferentLinksReachEachOther() throws {
    let output = try rehearse(
      ["bash", "-c", Self.steps], images: ["busybox"], apart: true,
      input: Manifest.all(
        Manifest.client("here", node: "worker-1"), Manifest.client("host", node: "worker-1", hostNetwork: true),
        Self.answering("there", node: "worker-2"), Manifest.deployment("names", replicas: 4),
        Manifest.service("names")))
    #expect(output.exit == .exited(0), "\(output.text)")
    let lines = output.text.split(separator: "\n").map(String.init)
    #expect(lines.contains("answer there"))
    let source = lines.first { $0.hasPrefix("source ") }?.split(separator: " ") ?? []
    #expect(source.count == 3 && source[1] == source[2], "a pod is seen with its own address: \(source)")
    #expect(lines.contains("mtu 1450"))
    #expect(lines.count { $0 == "names 4" } == 2, "every pod of the Service answers on both machines: \(output.text)")
    #expect(lines.contains("node there"))
    #expect(lines.contains("bytes 300000"))
  }

  /// A pod that tells its name on port 8080, who asks on port 9, and what it is sent on port 7.
  private static func answering(_ name: String, node: String) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name)}
    spec:
      nodeName: \(node)
      terminationGracePeriodSeconds: 0
      containers:
      - name: name
        image: switchboard/busybox:1
        command: [serve-hostname]
      - name: who
        image: switchboard/busybox:1
        command: [socat, "TCP4-LISTEN:9,fork,reuseaddr", "SYSTEM:echo $SOCAT_PEERADDR"]
      - name: echo
        image: switchboard/busybox:1
        command: [socat, "TCP4-LISTEN:7,fork,reuseaddr", "EXEC:cat"]
    """
  }

  /// Runs a command beside two machines whose agents were started by hand, and sees that no file of theirs stays.
  /// - Parameter apart: whether the machines are on different links.
  private func rehearse(
    _ command: [String], images: [String], apart: Bool = false, input: String = ""
  ) throws -> ProgramOutput {
    var launcher = ProcessLauncher("\(Repository.root)/examples/several-machines/rehearse.sh", command)
    let programs = Repository.program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    launcher.environment += [
      "PROGRAMS=\(programs.joined(separator: "/"))",
      "IMAGES=\(images.map { "\(Repository.root)/.tools/images/\($0).tar" }.joined(separator: " "))",
    ]
    if apart { launcher.environment.append("APART=1") }
    // On a real disk, and short: sockets lie below it.
    let folder = "/var/tmp/swb-\(UInt32.random(in: .min ... .max))"
    try KernelFile.makeFolder(folder)
    defer { try? FileTree.remove(folder) }
    launcher.environment.append("FOLDER=\(folder)")
    let output = try ProgramOutput.run(launcher, input: Array(input.utf8))
    #expect(FileTree.names(in: folder).isEmpty)
    return output
  }
}
