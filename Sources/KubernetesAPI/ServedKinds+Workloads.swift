extension GroupVersion {
  package static let batch = GroupVersion(group: "batch", version: "v1")
  package static let autoscalingV2 = GroupVersion(group: "autoscaling", version: "v2")
  package static let policy = GroupVersion(group: "policy", version: "v1")
  package static let scheduling = GroupVersion(group: "scheduling.k8s.io", version: "v1")
}

/// Workloads, and what limits and scales them.
extension ResourceKind {
  package static let replicationControllers = ResourceKind(
    "ReplicationController", plural: "replicationcontrollers", in: .core,
    schema: "io.k8s.api.core.v1.ReplicationController", shortNames: ["rc"], categories: ["all"],
    subresources: ["status", "scale"])
  package static let podTemplates = ResourceKind(
    "PodTemplate", plural: "podtemplates", in: .core, schema: "io.k8s.api.core.v1.PodTemplate")
  package static let resourceQuotas = ResourceKind(
    "ResourceQuota", plural: "resourcequotas", in: .core, schema: "io.k8s.api.core.v1.ResourceQuota",
    shortNames: ["quota"], subresources: ["status"])
  package static let limitRanges = ResourceKind(
    "LimitRange", plural: "limitranges", in: .core, schema: "io.k8s.api.core.v1.LimitRange", shortNames: ["limits"])
  package static let statefulSets = ResourceKind(
    "StatefulSet", plural: "statefulsets", in: .apps, schema: "io.k8s.api.apps.v1.StatefulSet", shortNames: ["sts"],
    categories: ["all"], subresources: ["status", "scale"])
  package static let daemonSets = ResourceKind(
    "DaemonSet", plural: "daemonsets", in: .apps, schema: "io.k8s.api.apps.v1.DaemonSet", shortNames: ["ds"],
    categories: ["all"], subresources: ["status"])
  package static let controllerRevisions = ResourceKind(
    "ControllerRevision", plural: "controllerrevisions", in: .apps, schema: "io.k8s.api.apps.v1.ControllerRevision")
  package static let jobs = ResourceKind(
    "Job", plural: "jobs", in: .batch, schema: "io.k8s.api.batch.v1.Job", categories: ["all"],
    subresources: ["status"])
  package static let cronJobs = ResourceKind(
    "CronJob", plural: "cronjobs", in: .batch, schema: "io.k8s.api.batch.v1.CronJob", shortNames: ["cj"],
    categories: ["all"], subresources: ["status"])
  package static let horizontalPodAutoscalers = ResourceKind(
    "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers", in: .autoscalingV2,
    schema: "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler", shortNames: ["hpa"], categories: ["all"],
    subresources: ["status"])
  package static let podDisruptionBudgets = ResourceKind(
    "PodDisruptionBudget", plural: "poddisruptionbudgets", in: .policy,
    schema: "io.k8s.api.policy.v1.PodDisruptionBudget", shortNames: ["pdb"], subresources: ["status"])
  package static let priorityClasses = ResourceKind(
    "PriorityClass", plural: "priorityclasses", in: .scheduling, schema: "io.k8s.api.scheduling.v1.PriorityClass",
    shortNames: ["pc"], isNamespaced: false)

  static let furtherWorkloads: [ResourceKind] = [
    .replicationControllers, .podTemplates, .resourceQuotas, .limitRanges, .statefulSets, .daemonSets,
    .controllerRevisions, .jobs, .cronJobs, .horizontalPodAutoscalers, .podDisruptionBudgets, .priorityClasses,
  ]
}
