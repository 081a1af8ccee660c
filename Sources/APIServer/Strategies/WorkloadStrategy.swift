/// Deployments and ReplicaSets: the generation counts changes of the spec.
struct WorkloadStrategy: ResourceStrategy {
  var tracksGeneration: Bool { true }
}
