package import JSONTree

/// Judges decoded and defaulted objects as upstream does.
package enum ObjectValidation {
  /// What is wrong with a new object; empty where it may be stored. The server has given it its name and namespace.
  package static func faults(creating object: JSON, kind: ResourceKind) -> [FieldError] {
    let metadata = MetadataValidation.faults(of: object, kind: kind)
    guard let rules = rules[kind.schemaName] else { return metadata }
    return metadata + rules.judge(object) + rules.judgeNew(object)
  }

  /// The same without what concerns its metadata.
  package static func faultsBeyondMetadata(creating object: JSON, kind: ResourceKind) -> [FieldError] {
    guard let rules = rules[kind.schemaName] else { return [] }
    return rules.judge(object) + rules.judgeNew(object)
  }

  /// What is wrong with a changed object.
  /// - Parameter subresource: `status` where only the status changes; it alone is judged then.
  ///   `ephemeralcontainers` where a pod is to get some, `resize` where its containers get other resources.
  package static func faults(
    updating old: JSON, to new: JSON, kind: ResourceKind, subresource: String? = nil
  ) -> [FieldError] {
    var faults = MetadataValidation.faults(of: new, kind: kind)
    faults += MetadataValidation.faults(updating: old, to: new)
    if subresource == "ephemeralcontainers" {
      return faults + PodValidation.judge(new) + PodValidation.compareEphemeralContainers(old, new)
    }
    if subresource == "resize" {
      if let refusal = PodValidation.resizeRefusal(old, new) { return [refusal] }
      return faults + PodValidation.judge(new) + PodValidation.compareResources(old, new)
    }
    guard let rules = rules[kind.schemaName] else { return faults }
    if subresource == "status" { return faults + rules.compareStatus(old, new) }
    guard subresource == nil else { return faults }
    // An object on its way out loses its finalizers whatever else may be wrong with it.
    if new.isTerminating, new["spec"] == old["spec"] { return faults }
    return faults + rules.judge(new) + rules.compare(old, new)
  }

  /// How one kind is judged beyond its metadata.
  struct Rules: Sendable {
    /// Any object of the kind, new or changed.
    var judge: @Sendable (JSON) -> [FieldError] = { _ in [] }
    /// What only a new object may not be.
    var judgeNew: @Sendable (JSON) -> [FieldError] = { _ in [] }
    /// What may not change: the old object, the new one.
    var compare: @Sendable (JSON, JSON) -> [FieldError] = { _, _ in [] }
    /// A changed status: the old object, the new one.
    var compareStatus: @Sendable (JSON, JSON) -> [FieldError] = { _, _ in [] }
  }

  private static let core = "io.k8s.api.core.v1"
  private static let apps = "io.k8s.api.apps.v1"
  private static let networking = "io.k8s.api.networking.v1"
  private static let storage = "io.k8s.api.storage.v1"
  private static let rbac = "io.k8s.api.rbac.v1"

  /// By the full name of the kind's schema.
  private static let rules: [String: Rules] = [
    "\(core).Namespace": Rules(judge: ConfigurationValidation.judgeNamespace),
    "\(core).Node": Rules(judge: NodeValidation.judge, compare: NodeValidation.compare),
    "\(core).Pod": Rules(
      judge: PodValidation.judge, judgeNew: PodValidation.judgeNew, compare: PodValidation.compare),
    "\(core).Service": Rules(
      judgeNew: ServiceValidation.judgeNew, compare: ServiceValidation.compare,
      compareStatus: ServiceValidation.compareStatus),
    "\(core).Endpoints": Rules(
      judgeNew: EndpointValidation.judgeEndpoints, compare: EndpointValidation.compareEndpoints),
    "\(core).ConfigMap": Rules(
      judge: ConfigurationValidation.judgeConfigMap, compare: ConfigurationValidation.compareConfigMaps),
    "\(core).Secret": Rules(
      judge: ConfigurationValidation.judgeSecret, compare: ConfigurationValidation.compareSecrets),
    "\(core).Event": Rules(judgeNew: ConfigurationValidation.judgeCoreEvent),
    "io.k8s.api.events.v1.Event": Rules(judgeNew: ConfigurationValidation.judgeEvent),
    "io.k8s.api.discovery.v1.EndpointSlice": Rules(
      judgeNew: EndpointValidation.judgeSlice, compare: EndpointValidation.compareSlices),
    "io.k8s.api.coordination.v1.Lease": Rules(judge: ConfigurationValidation.judgeLease),
    "\(apps).Deployment": Rules(
      judge: WorkloadValidation.judgeDeployment, compare: WorkloadValidation.compare),
    "\(apps).ReplicaSet": Rules(
      judge: WorkloadValidation.judgeReplicaSet, compare: WorkloadValidation.compare),
    "\(apps).StatefulSet": Rules(
      judge: WorkloadValidation.judgeStatefulSet, compare: WorkloadValidation.compareStatefulSets),
    "\(apps).DaemonSet": Rules(
      judge: WorkloadValidation.judgeDaemonSet, compare: WorkloadValidation.compare),
    "\(apps).ControllerRevision": Rules(
      judge: WorkloadValidation.judgeRevision, compare: WorkloadValidation.compareRevisions),
    "\(core).ReplicationController": Rules(judge: WorkloadValidation.judgeReplicationController),
    "\(core).PodTemplate": Rules(judge: WorkloadValidation.judgePodTemplate),
    "\(core).ResourceQuota": Rules(judge: QuotaValidation.judgeQuota, compare: QuotaValidation.compareQuotas),
    "\(core).LimitRange": Rules(judge: QuotaValidation.judgeLimitRange),
    "\(core).PersistentVolume": Rules(
      judge: StorageValidation.judgeVolume, compare: StorageValidation.compareVolumes),
    "\(core).PersistentVolumeClaim": Rules(
      judgeNew: StorageValidation.judgeClaim, compare: StorageValidation.compareClaims),
    "io.k8s.api.batch.v1.Job": Rules(judge: BatchValidation.judgeJob, compare: BatchValidation.compareJobs),
    "io.k8s.api.batch.v1.CronJob": Rules(judge: BatchValidation.judgeCronJob),
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": Rules(judge: ScalingValidation.judgeAutoscaler),
    "io.k8s.api.policy.v1.PodDisruptionBudget": Rules(judge: ScalingValidation.judgeBudget),
    "io.k8s.api.scheduling.v1.PriorityClass": Rules(
      judge: ScalingValidation.judgePriorityClass, compare: ScalingValidation.comparePriorityClasses),
    "io.k8s.api.node.v1.RuntimeClass": Rules(
      judge: StorageValidation.judgeRuntimeClass, compare: StorageValidation.compareRuntimeClasses),
    "\(networking).Ingress": Rules(judge: NetworkingValidation.judgeIngress),
    "\(networking).IngressClass": Rules(
      judge: NetworkingValidation.judgeIngressClass, compare: NetworkingValidation.compareIngressClasses),
    "\(networking).NetworkPolicy": Rules(judge: NetworkingValidation.judgePolicy),
    "\(networking).IPAddress": Rules(
      judgeNew: ServiceRangeValidation.judgeAddress, compare: ServiceRangeValidation.compareAddresses),
    "\(networking).ServiceCIDR": Rules(
      judgeNew: ServiceRangeValidation.judgeRange, compare: ServiceRangeValidation.compareRanges),
    "\(storage).StorageClass": Rules(
      judge: StorageValidation.judgeClass, compare: StorageValidation.compareClasses),
    "\(storage).VolumeAttachment": Rules(
      judge: StorageValidation.judgeAttachment, compare: NetworkingValidation.compareSpecs),
    "\(storage).CSIStorageCapacity": Rules(judge: StorageValidation.judgeStorageCapacity),
    "\(storage).VolumeAttributesClass": Rules(
      judge: StorageValidation.judgeAttributesClass, compare: StorageValidation.compareAttributesClasses),
    "io.k8s.api.flowcontrol.v1.FlowSchema": Rules(judge: FlowControlValidation.judgeSchema),
    "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration": Rules(judge: FlowControlValidation.judgeLevel),
    "\(rbac).Role": Rules(judge: AccessValidation.judgeRole),
    "\(rbac).ClusterRole": Rules(judge: AccessValidation.judgeClusterRole),
    "\(rbac).RoleBinding": Rules(
      judge: AccessValidation.judgeRoleBinding, compare: AccessValidation.compareBindings),
    "\(rbac).ClusterRoleBinding": Rules(
      judge: AccessValidation.judgeClusterRoleBinding, compare: AccessValidation.compareBindings),
  ]
}
