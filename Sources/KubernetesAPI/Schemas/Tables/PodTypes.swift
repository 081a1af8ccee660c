extension SchemaTables {
  /// core/v1: pods, what they ask for and what is known of them.
  static let podTypes = #"""
    package io.k8s.api.core.v1 v1

    Pod kind list : 
      metadata 1 meta.ObjectMeta
      spec 2 PodSpec
      status 3 PodStatus

    PodSpec : 
      volumes 1 []Volume patch=merge,retainKeys key=name map(name)
      initContainers 20 []Container patch=merge key=name map(name)
      containers! 2 []Container patch=merge key=name map(name)
      ephemeralContainers 34 []EphemeralContainer patch=merge key=name map(name)
      restartPolicy 3 string ="Always" enum(Always|Never|OnFailure)
      terminationGracePeriodSeconds 4 int64 =30
      activeDeadlineSeconds 5 int64
      dnsPolicy 6 string ="ClusterFirst" enum(ClusterFirst|ClusterFirstWithHostNet|Default|None)
      nodeSelector 7 {}string atomic
      serviceAccountName 8 string
      serviceAccount 9 string
      automountServiceAccountToken 21 bool
      nodeName 10 string
      hostNetwork 11 bool
      hostPID 12 bool
      hostIPC 13 bool
      shareProcessNamespace 27 bool
      securityContext 14 PodSecurityContext ={}
      imagePullSecrets 15 []LocalObjectReference patch=merge key=name map(name)
      hostname 16 string
      subdomain 17 string
      affinity 18 Affinity
      schedulerName 19 string ="default-scheduler"
      tolerations 22 []Toleration atomic
      hostAliases 23 []HostAlias patch=merge key=ip map(ip)
      priorityClassName 24 string
      priority 25 int32
      dnsConfig 26 PodDNSConfig
      readinessGates 28 []PodReadinessGate atomic
      runtimeClassName 29 string
      enableServiceLinks 30 bool
      preemptionPolicy 31 string enum(Never|PreemptLowerPriority)
      overhead 32 {}Quantity
      topologySpreadConstraints 33 []TopologySpreadConstraint patch=merge key=topologyKey map(topologyKey,whenUnsatisfiable)
      setHostnameAsFQDN 35 bool
      os 36 PodOS
      hostUsers 37 bool
      schedulingGates 38 []PodSchedulingGate patch=merge key=name map(name)
      resourceClaims 39 []PodResourceClaim patch=merge,retainKeys key=name map(name)
      resources 40 ResourceRequirements
      hostnameOverride 41 string
      schedulingGroup 0 PodSchedulingGroup

    PodSecurityContext : 
      seLinuxOptions 1 SELinuxOptions
      windowsOptions 8 WindowsSecurityContextOptions
      runAsUser 2 int64
      runAsGroup 6 int64
      runAsNonRoot 3 bool
      supplementalGroups 4 []int64 atomic
      supplementalGroupsPolicy 12 string enum(Merge|Strict)
      fsGroup 5 int64
      sysctls 7 []Sysctl atomic
      fsGroupChangePolicy 9 string enum(Always|OnRootMismatch)
      seccompProfile 10 SeccompProfile
      appArmorProfile 11 AppArmorProfile
      seLinuxChangePolicy 13 string

    Sysctl : 
      name! 1 string
      value! 2 string

    HostAlias : 
      ip! 1 string
      hostnames 2 []string atomic

    PodDNSConfig : 
      nameservers 1 []string atomic
      searches 2 []string atomic
      options 3 []PodDNSConfigOption atomic

    PodDNSConfigOption : 
      name 1 string
      value 2 string

    PodReadinessGate : 
      conditionType! 1 string

    PodOS : 
      name! 1 string

    PodSchedulingGate : 
      name! 1 string

    PodResourceClaim : 
      name! 1 string
      resourceClaimName 3 string
      resourceClaimTemplateName 4 string

    PodSchedulingGroup : 
      podGroupName 0 string

    PodStatus : 
      phase 1 string enum(Failed|Pending|Running|Succeeded|Unknown)
      conditions 2 []PodCondition patch=merge key=type map(type)
      message 3 string
      reason 4 string
      nominatedNodeName 11 string
      hostIP 5 string
      hostIPs 16 []HostIP patch=merge key=ip atomic
      podIP 6 string
      podIPs 12 []PodIP patch=merge key=ip map(ip)
      startTime 7 Time
      initContainerStatuses 10 []ContainerStatus atomic
      containerStatuses 8 []ContainerStatus atomic
      qosClass 9 string enum(BestEffort|Burstable|Guaranteed)
      ephemeralContainerStatuses 13 []ContainerStatus atomic
      resize 14 string
      resourceClaimStatuses 15 []PodResourceClaimStatus patch=merge,retainKeys key=name map(name)
      observedGeneration 17 int64
      extendedResourceClaimStatus 18 PodExtendedResourceClaimStatus
      allocatedResources 19 {}Quantity
      resources 20 ResourceRequirements
      nodeAllocatableResourceClaimStatuses 0 []NodeAllocatableResourceClaimStatus atomic

    PodCondition : 
      type! 1 string
      status! 2 string
      lastProbeTime 3 Time
      lastTransitionTime 4 Time
      reason 5 string
      message 6 string
      observedGeneration 7 int64

    HostIP : 
      ip! 1 string

    PodIP : 
      ip! 1 string

    PodResourceClaimStatus : 
      name! 1 string
      resourceClaimName 2 string

    PodExtendedResourceClaimStatus : 
      requestMappings! 1 []ContainerExtendedResourceRequest atomic
      resourceClaimName! 2 string

    ContainerExtendedResourceRequest : 
      containerName! 1 string
      resourceName! 2 string
      requestName! 3 string

    NodeAllocatableResourceClaimStatus : 
      resourceClaimName! 0 string
      containers 0 []string atomic
      resources! 0 {}Quantity

    PodTemplateSpec : 
      metadata 1 meta.ObjectMeta
      spec 2 PodSpec

    PodLogOptions kind : 
      container 1 string
      follow 2 bool
      previous 3 bool
      sinceSeconds 4 int64
      sinceTime 5 Time
      timestamps 6 bool
      tailLines 7 int64
      limitBytes 8 int64
      insecureSkipTLSVerifyBackend 9 bool
      stream 10 string

    PodExecOptions kind : 
      stdin 1 bool
      stdout 2 bool
      stderr 3 bool
      tty 4 bool
      container 5 string
      command 6 []string atomic

    PodAttachOptions kind : 
      stdin 1 bool
      stdout 2 bool
      stderr 3 bool
      tty 4 bool
      container 5 string

    PodPortForwardOptions kind : 
      ports 1 []int32 atomic

    PodProxyOptions kind : 
      path 1 string
    """#
}
