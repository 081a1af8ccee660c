import JSONTree
import KubernetesAPI
import NetworkTypes

extension RandomPolicyCluster {
  mutating func drawPods() {
    for index in 0..<Int.random(in: 4...12, using: &random) { pods.append(drawPod(index)) }
  }

  private mutating func drawPod(_ index: Int) -> JSON {
    let node = random.below(nodes.count)
    let isOnHostNetwork = random.chance(12)
    // The first two are there to be asked about.
    let phase = index < 2 ? "Running" : random.chance(10) ? random.pick(["Succeeded", "Failed", "Pending"]) : "Running"
    var metadata: JSON = [
      "name": .string("pod\(index)"), "namespace": .string(random.pick(namespaces).name),
      "uid": .string("uid-\(index)"),
    ]
    if !random.chance(15) { metadata["labels"] = .object(drawPodLabels()) }
    var spec: JSON = ["nodeName": .string(nodes[node].name), "containers": .array(drawContainers(isOnHostNetwork))]
    if isOnHostNetwork { spec["hostNetwork"] = true }
    if let sidecars = drawInitContainers(isOnHostNetwork) { spec["initContainers"] = .array(sidecars) }
    var status: JSON = ["phase": .string(phase)]
    let addresses = isOnHostNetwork ? nodeAddresses(node) : drawAddresses(index, node)
    if phase != "Pending", let first = addresses.first {
      status["hostIP"] = nodeAddresses(node).first.map { .string($0.description) }
      status["podIP"] = .string(first.description)
      status["podIPs"] = .array(addresses.map { ["ip": .string($0.description)] })
    }
    return ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status]
  }

  private mutating func drawPodLabels() -> JSONObject {
    // The labels of one that is there already, so that some pods share all of theirs.
    if let twin = pods.last?.metadata["labels"]?.object, random.chance(20) { return twin }
    // One that looks like the cluster's name server, which is none.
    if random.chance(5) { return ["k8s-app": "kube-dns"] }
    return draw(labels: Self.labelStock, share: 60)
  }

  private func nodeAddresses(_ node: Int) -> [IPAddress] {
    families.map { Self.nodeRange($0).base.advanced(by: UInt128(node + 2)) }
  }

  /// In the node's block. A pod of two families now and then has but one; the address of one that has finished may belong
  /// to another by now.
  private mutating func drawAddresses(_ index: Int, _ node: Int) -> [IPAddress] {
    let former = pods.first {
      ["Succeeded", "Failed"].contains($0.status["phase"]?.string) && $0.spec["hostNetwork"] == nil
        && $0.spec["nodeName"]?.string == nodes[node].name
    }
    if let former, random.chance(50) {
      let addresses = (former.status["podIPs"]?.items ?? []).compactMap { $0["ip"]?.string.flatMap { IPAddress($0) } }
      let isTaken = pods.contains {
        $0.name != former.name && $0.status["podIPs"] == former.status["podIPs"]
      }
      if !isTaken { return addresses }
    }
    // Far enough from each other that blocks of several lengths tell them apart.
    let addresses = families.map { podBlock($0, node: node).base.advanced(by: UInt128(index * 17 + 3)) }
    return addresses.count == 2 && random.chance(15) ? [random.pick(addresses)] : addresses
  }

  // MARK: Containers

  private mutating func drawContainers(_ isOnHostNetwork: Bool) -> [JSON] {
    var ports = random.several(0...3) { Self.drawPort(&$0, isOnHostNetwork) }
    ports = Self.withoutRepetition(ports)
    var main: JSON = ["name": "main", "image": "registry.example/main"]
    if !ports.isEmpty { main["ports"] = .array(ports) }
    return [main]
  }

  /// Mostly none; a sidecar, whose ports have names as well, or one that ends before the pod's own containers start, whose
  /// ports' names mean nothing.
  private mutating func drawInitContainers(_ isOnHostNetwork: Bool) -> [JSON]? {
    guard random.chance(20) else { return nil }
    var container: JSON = ["name": "side", "image": "registry.example/side"]
    // Names are drawn apart from the main container's: two that call different numbers the same would leave it open which
    // of them is meant.
    let name: JSON = random.chance(50) ? "side" : "admin"
    var port: JSON = ["name": name, "containerPort": .int(random.pick(Self.portNumbers))]
    if isOnHostNetwork { port["hostPort"] = port["containerPort"] }
    container["ports"] = [port]
    if random.chance(60) { container["restartPolicy"] = "Always" }
    return [container]
  }

  private static func drawPort(_ random: inout SeededRandom, _ isOnHostNetwork: Bool) -> JSON {
    var port: JSON = ["containerPort": .int(random.pick(portNumbers))]
    // `admin` belongs to sidecars, `nobody` to nobody.
    if !random.chance(10) { port["name"] = .string(random.pick(portNames.dropLast(2))) }
    switch random.below(10) {
    case 0..<3: port["protocol"] = "UDP"
    case 3: port["protocol"] = "SCTP"
    case 4: port["protocol"] = "TCP"
    default: break
    }
    // On the node's network a container's port is the node's.
    if isOnHostNetwork { port["hostPort"] = port["containerPort"] }
    return port
  }

  /// A container calls no two ports the same, and takes none twice.
  private static func withoutRepetition(_ ports: [JSON]) -> [JSON] {
    var names: Set<String> = []
    var places: Set<String> = []
    return ports.filter { port in
      let place = "\(port["protocol"]?.string ?? "TCP") \(port["containerPort"] ?? .null)"
      guard !places.contains(place) else { return false }
      if let name = port["name"]?.string, !names.insert(name).inserted { return false }
      places.insert(place)
      return true
    }
  }
}
