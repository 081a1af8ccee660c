package import JSONTree

/// The flow schemas and priority levels that every cluster has: upstream's names and shares.
package enum BuiltInFlowControl {
  /// `NAME SHARES LENDABLE% QUEUES HAND LENGTH`; a level without queues refuses.
  private static let levelTable = """
    system 30 33 64 6 50
    node-high 40 25 64 6 50
    leader-election 10 0 16 4 50
    workload-high 40 50 128 6 50
    workload-low 100 90 128 6 50
    global-default 20 50 128 6 50
    catch-all 5 0
    """

  /// `NAME LEVEL PRECEDENCE DISTINGUISHER`, then whose requests, then which: `VERBS GROUPS RESOURCES NAMESPACES`, with
  /// `+cluster` where requests without a namespace count, `VERBS PATHS`, or `ALL`.
  private static let schemaTable = """
    exempt exempt 1 -
    g:system:masters
    ALL

    probes exempt 2 -
    g:system:unauthenticated g:system:authenticated
    get /healthz,/readyz,/livez

    system-leader-election leader-election 100 ByUser
    u:system:kube-controller-manager u:system:kube-scheduler s:kube-system:*
    get,create,update coordination.k8s.io leases *

    endpoint-controller workload-high 150 ByUser
    u:system:kube-controller-manager s:kube-system:endpoint-controller s:kube-system:endpointslicemirroring-controller
    get,create,update core endpoints *

    workload-leader-election leader-election 200 ByUser
    s:kube-system:*
    get,create,update coordination.k8s.io leases *

    system-node-high node-high 400 ByUser
    g:system:nodes
    * core nodes,nodes/status *+cluster
    * coordination.k8s.io leases *

    system-nodes system 500 ByUser
    g:system:nodes
    ALL

    kube-controller-manager workload-high 800 ByNamespace
    u:system:kube-controller-manager
    ALL

    kube-scheduler workload-high 800 ByNamespace
    u:system:kube-scheduler
    ALL

    kube-system-service-accounts workload-high 900 ByNamespace
    s:kube-system:*
    ALL

    service-accounts workload-low 9000 ByUser
    g:system:serviceaccounts
    ALL

    global-default global-default 9900 ByUser
    g:system:unauthenticated g:system:authenticated
    ALL

    catch-all catch-all 10000 ByUser
    g:system:unauthenticated g:system:authenticated
    ALL
    """

  /// Those that are as they are: their specs may not be changed, but for what `exempt` lends.
  package static let mandatory: Set<String> = ["exempt", "catch-all"]

  package static let levels: [JSON] =
    [exemptLevel] + levelTable.split(separator: "\n").map { level(words($0)) }

  package static let schemas: [JSON] = blocks(schemaTable).map { schema($0) }

  private static func object(_ kind: ResourceKind, _ name: String, _ spec: JSON) -> JSON {
    [
      "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind),
      "metadata": ["name": .string(name), "annotations": ["apf.kubernetes.io/autoupdate-spec": "true"]],
      "spec": spec,
    ]
  }

  private static let exemptLevel = object(
    .priorityLevels, "exempt", ["type": "Exempt", "exempt": ["nominalConcurrencyShares": 0, "lendablePercent": 0]])

  private static func level(_ words: [String]) -> JSON {
    func number(_ place: Int) -> JSON { .int(Int64(words[place]) ?? 0) }
    let response: JSON =
      words.count == 3
      ? ["type": "Reject"]
      : [
        "type": "Queue",
        "queuing": ["queues": number(3), "handSize": number(4), "queueLengthLimit": number(5)],
      ]
    return object(
      .priorityLevels, words[0],
      [
        "type": "Limited",
        "limited": [
          "nominalConcurrencyShares": number(1), "limitResponse": response, "lendablePercent": number(2),
        ],
      ])
  }

  private static func schema(_ lines: [[String]]) -> JSON {
    let head = lines[0]
    var rule: JSON = ["subjects": .array(lines[1].map(subject))]
    for line in lines.dropFirst(2) { add(line, to: &rule) }
    var spec: JSON = [
      "priorityLevelConfiguration": ["name": .string(head[1])], "matchingPrecedence": .int(Int64(head[2]) ?? 0),
    ]
    if head[3] != "-" { spec["distinguisherMethod"] = ["type": .string(head[3])] }
    spec["rules"] = [rule]
    return object(.flowSchemas, head[0], spec)
  }

  private static func add(_ line: [String], to rule: inout JSON) {
    switch line.count {
    case 1:
      add(["*", "*", "*", "*+cluster"], to: &rule)
      add(["*", "*"], to: &rule)
    case 2:
      let other: JSON = ["verbs": list(line[0]), "nonResourceURLs": list(line[1])]
      rule["nonResourceRules"] = .array((rule["nonResourceRules"]?.items ?? []) + [other])
    default:
      var resource: JSON = [
        "verbs": list(line[0]), "apiGroups": line[1] == "core" ? [""] : list(line[1]), "resources": list(line[2]),
      ]
      let place = line[3].split(separator: "+").map(String.init)
      if place.count > 1 { resource["clusterScope"] = true }
      resource["namespaces"] = list(place[0])
      rule["resourceRules"] = .array((rule["resourceRules"]?.items ?? []) + [resource])
    }
  }

  private static func subject(_ word: String) -> JSON {
    let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
    switch parts[0] {
    case "u": return ["kind": "User", "user": ["name": .string(parts[1])]]
    case "g": return ["kind": "Group", "group": ["name": .string(parts[1])]]
    default:
      let account = parts[1].split(separator: ":").map(String.init)
      return [
        "kind": "ServiceAccount",
        "serviceAccount": ["namespace": .string(account[0]), "name": .string(account[1])],
      ]
    }
  }

  private static func list(_ text: String) -> JSON { .array(text.split(separator: ",").map { .string(String($0)) }) }

  private static func words(_ line: Substring) -> [String] { line.split(separator: " ").map(String.init) }

  private static func blocks(_ table: String) -> [[[String]]] {
    table.split(separator: "\n\n").map { (block: Substring) -> [[String]] in
      block.split(separator: Character("\n")).map { words($0) }
    }
  }
}
