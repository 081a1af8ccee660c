import JSONTree
import NetworkTypes
import ServicePlan
import ServiceProxy

extension [ServiceInForce] {
  /// As a node answers it: `{"addresses": [{"address", "port", "protocol", "action", "endpoints", …}]}`.
  var tree: JSON {
    [
      "addresses": .array(
        map { item in
          var tree: JSON = [
            "address": .string("\(item.address.address)"), "port": .int(Int64(item.address.port)),
            "protocol": .string(item.address.transport.rawValue),
          ]
          item.action.write(into: &tree)
          if let inside = item.insideAction {
            var part: JSON = [:]
            inside.write(into: &part)
            tree["fromThisNode"] = part
          }
          return tree
        })
    ]
  }
}

extension ServiceInForce.Action {
  fileprivate func write(into tree: inout JSON) {
    switch self {
    case .balances(let endpoints, let seconds):
      tree["action"] = "balance"
      tree["endpoints"] = .array(endpoints.map { .string("\($0)") })
      if seconds > 0 { tree["affinitySeconds"] = .int(Int64(seconds)) }
    case .refuses: tree["action"] = "refuse"
    case .drops: tree["action"] = "drop"
    case .ignores: tree["action"] = "none"
    }
  }
}
