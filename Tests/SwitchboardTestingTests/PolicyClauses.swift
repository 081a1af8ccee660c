import JSONTree
import KubernetesAPI
import NetworkTypes
import SwitchboardTesting

/// The clauses and corners that drawn clusters are to hold, each with how one tells.
enum PolicyClauses {
  typealias Clause = @Sendable (RandomPolicyCluster) -> Bool

  static let all: [String: Clause] = {
    var all = specs
    for part in [selectors, peers, ports, pods] { all.merge(part) { first, _ in first } }
    return all
  }()

  // MARK: Parts of policies

  static func rules(of cluster: RandomPolicyCluster) -> [JSON] {
    cluster.policies.flatMap { ($0.spec["ingress"]?.items ?? []) + ($0.spec["egress"]?.items ?? []) }
  }

  static func peers(of cluster: RandomPolicyCluster) -> [JSON] {
    rules(of: cluster).flatMap { ($0["from"]?.items ?? []) + ($0["to"]?.items ?? []) }
  }

  private static func ports(of cluster: RandomPolicyCluster) -> [JSON] {
    rules(of: cluster).flatMap { $0["ports"]?.items ?? [] }
  }

  /// Of the containers that run for as long as their pod.
  private static func containerPorts(of cluster: RandomPolicyCluster) -> [JSON] {
    cluster.pods.flatMap { $0.spec["containers"]?.items ?? [] }.flatMap { $0["ports"]?.items ?? [] }
  }

  private static func sidecarPorts(of cluster: RandomPolicyCluster) -> [JSON] {
    let containers = cluster.pods.flatMap { $0.spec["initContainers"]?.items ?? [] }
    return containers.filter { $0["restartPolicy"] == "Always" }.flatMap { $0["ports"]?.items ?? [] }
  }

  private static func blocks(of cluster: RandomPolicyCluster) -> [JSON] {
    peers(of: cluster).compactMap { $0["ipBlock"] }
  }

  private static func excepts(of block: JSON) -> [CIDR] {
    (block["except"]?.items ?? []).compactMap { $0.string.flatMap { CIDR($0) } }
  }

  private static func whole(of block: JSON) -> CIDR? { block["cidr"]?.string.flatMap { CIDR($0) } }

  /// A clause of some policy's spec.
  private static func spec(_ test: @escaping @Sendable (JSON) -> Bool) -> Clause {
    { $0.policies.contains { test($0.spec) } }
  }

  private static func isEmptyList(_ value: JSON?) -> Bool { value?.array?.isEmpty == true }
  private static func isEmptyObject(_ value: JSON?) -> Bool { value?.object?.isEmpty == true }

  // MARK: Clauses

  private static let specs: [String: Clause] = {
    var clauses: [String: Clause] = [:]
    clauses["no policies"] = { $0.policies.isEmpty }
    clauses["no spec"] = { $0.policies.contains { $0["spec"] == nil } }
    clauses["policyTypes missing"] = spec { $0["policyTypes"] == nil }
    clauses["policyTypes empty"] = spec { isEmptyList($0["policyTypes"]) }
    clauses["Ingress alone"] = spec { $0["policyTypes"] == ["Ingress"] }
    clauses["Egress alone"] = spec { $0["policyTypes"] == ["Egress"] }
    clauses["both types"] = spec { Set($0["policyTypes"]?.items ?? []).count == 2 }
    clauses["types missing, egress rules"] = spec { $0["policyTypes"] == nil && $0["egress"]?.items.isEmpty == false }
    clauses["types missing, egress empty"] = spec { $0["policyTypes"] == nil && isEmptyList($0["egress"]) }
    clauses["rules of a direction that is not named"] = spec {
      $0["policyTypes"] == ["Egress"] && $0["ingress"]?.items.isEmpty == false
    }
    clauses["ingress missing"] = spec { $0["ingress"] == nil }
    clauses["ingress empty"] = spec { isEmptyList($0["ingress"]) }
    clauses["egress missing though isolated"] = spec { $0["policyTypes"] == ["Egress"] && $0["egress"] == nil }
    clauses["rule without anything"] = { rules(of: $0).contains { isEmptyObject($0) } }
    clauses["from empty"] = { rules(of: $0).contains { isEmptyList($0["from"]) } }
    clauses["to empty"] = { rules(of: $0).contains { isEmptyList($0["to"]) } }
    clauses["ports empty"] = { rules(of: $0).contains { isEmptyList($0["ports"]) } }
    clauses["ports missing"] = { rules(of: $0).contains { $0["ports"] == nil } }
    clauses["selects nobody"] = { cluster in
      cluster.policies.contains { $0.spec["podSelector"] == ["matchLabels": ["app": "nothing"]] }
    }
    clauses["one pod, several policies"] = { cluster in
      Dictionary(grouping: cluster.policies.filter { isEmptyObject($0.spec["podSelector"]) }, by: \.namespace)
        .contains { $0.value.count > 1 }
    }
    return clauses
  }()

  private static let selectors: [String: Clause] = {
    var clauses: [String: Clause] = [:]
    clauses["podSelector missing"] = spec { $0["podSelector"] == nil }
    clauses["podSelector empty"] = spec { isEmptyObject($0["podSelector"]) }
    clauses["matchLabels empty"] = spec { isEmptyObject($0["podSelector"]?["matchLabels"]) }
    clauses["matchExpressions empty"] = spec { isEmptyList($0["podSelector"]?["matchExpressions"]) }
    clauses["two labels"] = spec { ($0["podSelector"]?["matchLabels"]?.object?.count ?? 0) > 1 }
    clauses["labels and expressions"] = spec {
      $0["podSelector"]?["matchLabels"] != nil && $0["podSelector"]?["matchExpressions"] != nil
    }
    clauses["empty value"] = spec { $0["podSelector"]?["matchLabels"]?["env"] == "" }
    for name in ["In", "NotIn", "Exists", "DoesNotExist"] {
      for selector in ["podSelector", "namespaceSelector"] {
        clauses["\(name) in a peer's \(selector)"] = { cluster in
          peers(of: cluster).contains { peer in
            (peer[selector]?["matchExpressions"]?.items ?? []).contains { $0["operator"]?.string == name }
          }
        }
      }
      clauses["\(name) of a key that nobody has"] = { cluster in
        cluster.policies.flatMap { $0.spec["podSelector"]?["matchExpressions"]?.items ?? [] }
          .contains { $0["operator"]?.string == name && $0["key"] == "absent" }
      }
    }
    return clauses
  }()

  private static let peers: [String: Clause] = {
    var clauses: [String: Clause] = [:]
    clauses["podSelector alone"] = {
      peers(of: $0).contains { $0["podSelector"] != nil && $0["namespaceSelector"] == nil }
    }
    clauses["namespaceSelector alone"] = {
      peers(of: $0).contains { $0["podSelector"] == nil && $0["namespaceSelector"] != nil }
    }
    clauses["both selectors"] = {
      peers(of: $0).contains { $0["podSelector"] != nil && $0["namespaceSelector"] != nil }
    }
    clauses["empty podSelector in a peer"] = { peers(of: $0).contains { isEmptyObject($0["podSelector"]) } }
    clauses["empty namespaceSelector in a peer"] = { peers(of: $0).contains { isEmptyObject($0["namespaceSelector"]) } }
    clauses["namespace by its name"] = {
      peers(of: $0).contains { $0["namespaceSelector"]?["matchLabels"]?["kubernetes.io/metadata.name"] != nil }
    }
    clauses["several peers"] = { rules(of: $0).contains { ($0["from"]?.items.count ?? 0) > 1 } }
    clauses["block of everything"] = { blocks(of: $0).contains { $0["cidr"] == "0.0.0.0/0" } }
    clauses["block of one address"] = { blocks(of: $0).contains { whole(of: $0)?.prefixLength == 32 } }
    clauses["block of pods"] = {
      blocks(of: $0).contains { whole(of: $0).map { "\($0)".hasPrefix("10.244.") } == true }
    }
    clauses["block of nodes"] = { blocks(of: $0).contains { $0["cidr"] == "172.30.0.0/24" } }
    clauses["block of the name server"] = { cluster in
      blocks(of: cluster).contains {
        whole(of: $0).map { $0.prefixLength > 1 && $0.contains(cluster.dnsAddresses[0]) } == true
      }
    }
    clauses["block of the other family"] = { blocks(of: $0).contains { whole(of: $0)?.family == .v6 } }
    clauses["except empty"] = { blocks(of: $0).contains { isEmptyList($0["except"]) } }
    clauses["excepts that overlap"] = { cluster in
      blocks(of: cluster).contains { block in
        let parts = excepts(of: block)
        return parts.indices.contains { index in parts[..<index].contains { $0.overlaps(parts[index]) } }
      }
    }
    clauses["excepts that leave nothing"] = { cluster in
      blocks(of: cluster).contains { block in
        let parts = Set(excepts(of: block))
        guard let whole = whole(of: block), parts.count == 2 else { return false }
        return parts.allSatisfy { $0.prefixLength == whole.prefixLength + 1 }
      }
    }
    clauses["a pod left out"] = { cluster in
      let addresses = cluster.pods.compactMap { $0.status["podIP"]?.string.flatMap { IPAddress($0) } }
      return blocks(of: cluster).contains { excepts(of: $0).contains { addresses.contains(where: $0.contains) } }
    }
    return clauses
  }()

  private static let ports: [String: Clause] = {
    var clauses: [String: Clause] = [:]
    clauses["neither protocol nor port"] = { ports(of: $0).contains { isEmptyObject($0) } }
    clauses["protocol alone"] = { ports(of: $0).contains { $0["protocol"] != nil && $0["port"] == nil } }
    clauses["port alone"] = { ports(of: $0).contains { $0["protocol"] == nil && $0["port"] != nil } }
    clauses["endPort"] = { cluster in
      ports(of: cluster).contains { port in
        guard let first = port["port"]?.int, let last = port["endPort"]?.int else { return false }
        return first < last
      }
    }
    clauses["endPort that is port"] = { cluster in
      ports(of: cluster).contains { $0["endPort"] != nil && $0["endPort"] == $0["port"] }
    }
    clauses["endPort that is the last"] = { ports(of: $0).contains { $0["endPort"] == 65535 } }
    clauses["port that is the last"] = { ports(of: $0).contains { $0["port"] == 65535 } }
    clauses["SCTP with port"] = { ports(of: $0).contains { $0["protocol"] == "SCTP" && $0["port"]?.int != nil } }
    clauses["UDP"] = { ports(of: $0).contains { $0["protocol"] == "UDP" } }
    clauses["name that nobody has"] = { ports(of: $0).contains { $0["port"] == "nobody" } }
    clauses["name by another protocol"] = { ports(of: $0).contains { $0["protocol"] == "UDP" && $0["port"] == "http" } }
    clauses["name of a sidecar's port"] = { cluster in
      let names = Set(sidecarPorts(of: cluster).compactMap { $0["name"] })
      return ports(of: cluster).contains { port in port["port"].map(names.contains) == true }
    }
    clauses["name of several numbers"] = { cluster in
      let called = containerPorts(of: cluster)
      return ports(of: cluster).contains { port in
        guard let name = port["port"], name.string != nil else { return false }
        return Set(called.filter { $0["name"] == name }.map { $0["containerPort"] }).count > 1
      }
    }
    clauses["named port going out"] = { cluster in
      let rules = cluster.policies.flatMap { $0.spec["egress"]?.items ?? [] }
      return rules.flatMap { $0["ports"]?.items ?? [] }.contains { $0["port"]?.string != nil }
    }
    return clauses
  }()

  private static let pods: [String: Clause] = {
    var clauses: [String: Clause] = [:]
    clauses["on the node's network"] = { $0.pods.contains { $0.spec["hostNetwork"] == true } }
    clauses["has finished"] = { $0.pods.contains { $0.status["phase"] == "Succeeded" } }
    clauses["has failed"] = { $0.pods.contains { $0.status["phase"] == "Failed" } }
    clauses["has no address yet"] = { $0.pods.contains { $0.status["phase"] == "Pending" } }
    clauses["without labels"] = { $0.pods.contains { $0.metadata["labels"] == nil } }
    clauses["with the labels of another"] = { cluster in
      Dictionary(grouping: cluster.pods.filter { !$0.labels.isEmpty }, by: \.labels).contains { $0.value.count > 1 }
    }
    clauses["UDP port of a container"] = { containerPorts(of: $0).contains { $0["protocol"] == "UDP" } }
    clauses["address of one that has finished"] = { cluster in
      let former = cluster.pods.filter { $0.status["phase"] == "Succeeded" || $0.status["phase"] == "Failed" }
      return cluster.pods.contains { pod in
        pod.status["phase"] == "Running" && pod.spec["hostNetwork"] == nil
          && former.contains { $0.spec["hostNetwork"] == nil && $0.status["podIP"] == pod.status["podIP"] }
      }
    }
    clauses["looks like the name server"] = { $0.pods.contains { $0.labels["k8s-app"] == "kube-dns" } }
    return clauses
  }()

  static let dualStack: [String: Clause] = {
    var clauses: [String: Clause] = [:]
    clauses["pod of two families"] = { $0.pods.contains { $0.status["podIPs"]?.items.count == 2 } }
    clauses["pod of IPv4 alone"] = { $0.pods.contains { $0.status["podIPs"]?.items.count == 1 && !isV6($0) } }
    clauses["pod of IPv6 alone"] = { $0.pods.contains { $0.status["podIPs"]?.items.count == 1 && isV6($0) } }
    clauses["block of IPv4"] = { blocks(of: $0).contains { whole(of: $0)?.family == .v4 } }
    clauses["block of IPv6"] = { blocks(of: $0).contains { whole(of: $0)?.family == .v6 } }
    clauses["block of IPv6 as people write it"] = {
      blocks(of: $0).contains { block in whole(of: block).map { "\($0)" != block["cidr"]?.string } == true }
    }
    return clauses
  }()

  private static func isV6(_ pod: JSON) -> Bool { pod.status["podIP"]?.string?.contains(":") == true }
}
