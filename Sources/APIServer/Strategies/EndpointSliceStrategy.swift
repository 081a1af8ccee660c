import JSONTree
import KubernetesAPI

/// EndpointSlices have no spec: their generation counts changes of endpoints, ports and labels.
struct EndpointSliceStrategy: ResourceStrategy {
  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    object[path: "metadata", "generation"] = 1
  }

  func prepareForUpdate(_ object: inout JSON, from old: JSON, _ context: StrategyContext) throws(APIStatus) {
    let isChanged =
      object["endpoints"] != old["endpoints"] || object["ports"] != old["ports"] || object.labels != old.labels
    object[path: "metadata", "generation"] = .int(max(1, old.generation) + (isChanged ? 1 : 0))
  }
}
