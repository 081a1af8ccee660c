/// Which scalar fields are pointers in upstream's Go types: of those a zero on the wire is a value somebody set, of all
/// others it only says that nobody did (k8s.io/api, the `types.go` files).
enum ProtobufPresence {
  static func isTracked(_ field: String, in message: String) -> Bool {
    anywhere.contains(field) || byMessage[message]?.contains(field) == true
  }

  /// Fields that are pointers in every message that has one of the name.
  private static let anywhere: Set<String> = [
    "activeDeadlineSeconds", "allocateLoadBalancerNodePorts", "allowPrivilegeEscalation", "allowVolumeExpansion",
    "appProtocol", "attachRequired", "averageUtilization", "automountServiceAccountToken", "backoffLimit",
    "backoffLimitPerIndex", "blockOwnerDeletion",
    "borrowingLimitPercent", "collisionCount", "completionMode", "completions", "controller", "defaultMode",
    "deletionGracePeriodSeconds", "enableServiceLinks", "expirationSeconds",
    "failedJobsHistoryLimit", "fsGroup", "fsGroupChangePolicy", "gracePeriodSeconds",
    "hostProcess", "hostUsers", "immutable", "ingressClassName", "internalTrafficPolicy", "ipFamilyPolicy",
    "leaseDurationSeconds", "leaseTransitions", "lendablePercent", "loadBalancerClass", "manualSelector",
    "maxFailedIndexes", "maxSurge", "maxUnavailable", "minAvailable", "minDomains", "minReplicas",
    "nodeAllocatableUpdatePeriodSeconds", "nominalConcurrencyShares", "optional",
    "orphanDependents", "parallelism", "partition", "podInfoOnMount", "preemptionPolicy", "privileged", "procMount",
    "progressDeadlineSeconds", "propagationPolicy", "readOnlyRootFilesystem", "remainingItemCount",
    "requiresRepublish", "revisionHistoryLimit",
    "runAsGroup", "runAsNonRoot", "runAsUser", "seLinuxMount",
    "serviceAccountTokenInSecrets", "setHostnameAsFQDN", "shareProcessNamespace",
    "stabilizationWindowSeconds", "startingDeadlineSeconds", "storageCapacity", "succeededCount",
    "successfulJobsHistoryLimit", "suspend",
    "targetCPUUtilizationPercentage", "terminatingReplicas", "terminationGracePeriodSeconds", "timeZone",
    "tolerationSeconds", "trafficDistribution",
    "ttlSecondsAfterFinished", "unhealthyPodEvictionPolicy", "volumeMode",
  ]

  /// Fields whose name is a pointer's in some messages only.
  private static let byMessage: [String: Set<String>] = [
    "ClientIPConfig": ["timeoutSeconds"],
    "ContainerStatus": ["started"],
    "Endpoint": ["hostname", "nodeName", "zone"],
    "EndpointAddress": ["nodeName"],
    "DeploymentSpec": ["replicas"],
    "EndpointConditions": ["ready", "serving", "terminating"],
    "EndpointPort": ["name", "port", "protocol"],
    "JobStatus": ["ready", "terminating"],
    "KeyToPath": ["mode"],
    "LeaseSpec": ["holderIdentity"],
    "NetworkPolicyPort": ["endPort", "port", "protocol"],
    "PodSpec": ["priority"],
    "PersistentVolumeClaimSpec": ["storageClassName"],
    "Preconditions": ["resourceVersion", "uid"],
    "ReplicaSetSpec": ["replicas"],
    "ReplicationControllerSpec": ["replicas"],
    // Not a pointer, but what a Scale is for.
    "ScaleSpec": ["replicas"],
    "StatefulSetSpec": ["replicas"],
    "VolumeNodeResources": ["count"],
  ]
}
