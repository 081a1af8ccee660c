import JSONTree
import KubernetesAPI
import NetworkTypes
import PolicyEnforcer
import PolicyPlan

extension PolicyAuditor.Report {
  /// What `/explain/audit` answers with.
  var tree: JSON {
    let found = book.findings.sorted { $0.value.last > $1.value.last }.map { denial, tally -> JSON in
      [
        "policies": .array(denial.policies.map { .string($0.description) }),
        "direction": .string(denial.direction.rawValue), "pod": .string(denial.pod.description),
        "peer": .string(denial.peer.description), "protocol": .string(denial.transport.rawValue),
        "port": .int(Int64(denial.port)), "count": .int(Int64(tally.count)),
        "first": .string(tally.first.description), "last": .string(tally.last.description),
      ]
    }
    var tree: JSON = ["audited": .array(audited.map { .string($0.description) }), "findings": .array(found)]
    loss.add(to: &tree)
    return tree
  }
}
