extension SchemaTables {
  /// core/v1: pods, what they ask for and what is known of them.
  static let podTypes = #"""
    package io.k8s.api.core.v1 v1

    Pod kind list : Containers that share an address and volumes, and run together on one node.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 PodSpec : What is wanted.
      status 3 PodStatus : What is the case, as the system last saw it.

    PodSpec : How a pod is to run.
      volumes 1 []Volume merge(name) retainKeys map(name) : Volumes the containers may mount.
      initContainers 20 []Container merge(name) map(name)
        : Containers that run to their end, one after another, before the others start.
      containers! 2 []Container merge(name) map(name) : The containers.
      ephemeralContainers 34 []EphemeralContainer merge(name) map(name)
        : Containers added to a running pod, to look into it.
      restartPolicy 3 string ="Always" enum(Always|Never|OnFailure) : Whether containers that end are started again.
      terminationGracePeriodSeconds 4 int64 =30 : Seconds between the request to stop and the kill.
      activeDeadlineSeconds 5 int64 : Seconds after which the pod is ended whatever it does.
      dnsPolicy 6 string ="ClusterFirst" enum(ClusterFirst|ClusterFirstWithHostNet|Default|None)
        : Whose name servers the pod asks.
      nodeSelector 7 {}string atomic : Labels the node must have.
      serviceAccountName 8 string : The identity of the pod's processes.
      serviceAccount 9 string : Outdated name of serviceAccountName.
      automountServiceAccountToken 21 bool : Whether containers find a token of the service account.
      nodeName 10 string : The node the pod runs on; given by the scheduler.
      hostNetwork 11 bool : Whether the pod uses the node's network.
      hostPID 12 bool : Whether the pod sees the node's processes.
      hostIPC 13 bool : Whether the pod shares the node's inter-process communication.
      shareProcessNamespace 27 bool : Whether the containers see each other's processes.
      securityContext 14 PodSecurityContext ={} : Identity and restrictions of all containers.
      imagePullSecrets 15 []LocalObjectReference merge(name) map(name) : Credentials for the images.
      hostname 16 string : The pod's host name; its own name where empty.
      subdomain 17 string : Makes the full name HOSTNAME.SUBDOMAIN.NAMESPACE.svc and the cluster's domain.
      affinity 18 Affinity : Which nodes and pods the pod keeps close to, and which it avoids.
      schedulerName 19 string ="default-scheduler" : Which scheduler chooses the node.
      tolerations 22 []Toleration atomic : Taints the pod puts up with.
      hostAliases 23 []HostAlias merge(ip) map(ip) : Entries added to the hosts file.
      priorityClassName 24 string : How important the pod is.
      priority 25 int32 : The class's number; higher goes first.
      dnsConfig 26 PodDNSConfig : Name servers, search domains and options beyond the policy's.
      readinessGates 28 []PodReadinessGate atomic : Conditions that must be true besides the containers' readiness.
      runtimeClassName 29 string : How containers are run, where not as usual.
      enableServiceLinks 30 bool : Whether environment variables tell of the namespace's services.
      preemptionPolicy 31 string enum(Never|PreemptLowerPriority) : Whether less important pods make way for this one.
      overhead 32 {}Quantity : What running the pod costs beyond its containers.
      topologySpreadConstraints 33 []TopologySpreadConstraint merge(topologyKey) map(topologyKey,whenUnsatisfiable)
        : How pods like this one spread over the cluster.
      setHostnameAsFQDN 35 bool : Whether the host name is the full name.
      os 36 PodOS : The operating system the containers need.
      hostUsers 37 bool : Whether the pod uses the node's user numbers.
      schedulingGates 38 []PodSchedulingGate merge(name) map(name) : What must be lifted before a node is chosen.
      resourceClaims 39 []PodResourceClaim merge(name) retainKeys map(name) : Devices the containers may use.
      resources 40 ResourceRequirements : Requests and limits of the pod as a whole.
      hostnameOverride 41 string : The host name, whatever else says.
      schedulingGroup 0 PodSchedulingGroup : The group of pods this one is scheduled with.

    PodSecurityContext : Identity and restrictions of all of a pod's containers.
      seLinuxOptions 1 SELinuxOptions : SELinux label.
      windowsOptions 8 WindowsSecurityContextOptions : What only Windows knows.
      runAsUser 2 int64 : User number of the processes.
      runAsGroup 6 int64 : Group number of the processes.
      runAsNonRoot 3 bool : Refuse to run as root.
      supplementalGroups 4 []int64 atomic : More groups of the processes.
      supplementalGroupsPolicy 12 string enum(Merge|Strict) : Whether groups of the image count too.
      fsGroup 5 int64 : Group that owns the volumes' files.
      sysctls 7 []Sysctl atomic : Kernel parameters of the pod's own namespaces.
      fsGroupChangePolicy 9 string enum(Always|OnRootMismatch) : When the volumes' ownership is changed.
      seccompProfile 10 SeccompProfile : Which system calls are allowed.
      appArmorProfile 11 AppArmorProfile : Which AppArmor profile confines the processes.
      seLinuxChangePolicy 13 string : How volumes get their SELinux label.

    Sysctl : A kernel parameter.
      name! 1 string : Its name.
      value! 2 string : Its value.

    HostAlias : A line of the hosts file.
      ip! 1 string : The address.
      hostnames 2 []string atomic : The names of the address.

    PodDNSConfig : How a pod's resolver is set up.
      nameservers 1 []string atomic : Addresses of name servers.
      searches 2 []string atomic : Domains to look names up in.
      options 3 []PodDNSConfigOption atomic : Options of the resolver.

    PodDNSConfigOption : An option of the resolver.
      name 1 string : Its name.
      value 2 string : Its value, where it has one.

    PodReadinessGate : A condition that a pod's readiness waits for.
      conditionType! 1 string : The condition's type.

    PodOS : An operating system.
      name! 1 string : linux or windows.

    PodSchedulingGate : A reason not to choose a node yet.
      name! 1 string : Who lifts it.

    PodResourceClaim : A claim on devices.
      name! 1 string : The name by which containers call it.
      resourceClaimName 3 string : The claim's object.
      resourceClaimTemplateName 4 string : The template that a claim is made from for this pod.

    PodSchedulingGroup : A group of pods that are scheduled together.
      podGroupName 0 string : The group's object.

    PodStatus : The state of a pod.
      phase 1 string enum(Failed|Pending|Running|Succeeded|Unknown) : Pending, Running, Succeeded, Failed or Unknown.
      conditions 2 []PodCondition merge(type) map(type) : How far the pod has come.
      message 3 string : Why the pod is as it is, for people.
      reason 4 string : Why the pod is as it is, in a word.
      nominatedNodeName 11 string : The node whose pods make way for this one.
      hostIP 5 string : The node's address.
      hostIPs 16 []HostIP merge(ip) atomic : The node's addresses.
      podIP 6 string : The pod's address.
      podIPs 12 []PodIP merge(ip) map(ip) : The pod's addresses, one per family at most.
      startTime 7 Time : When the node took the pod on.
      initContainerStatuses 10 []ContainerStatus atomic : The state of each init container.
      containerStatuses 8 []ContainerStatus atomic : The state of each container.
      qosClass 9 string enum(BestEffort|Burstable|Guaranteed)
        : Guaranteed, Burstable or BestEffort: who goes first when memory is short.
      ephemeralContainerStatuses 13 []ContainerStatus atomic : The state of each ephemeral container.
      resize 14 string : Outdated; conditions tell of changed resources.
      resourceClaimStatuses 15 []PodResourceClaimStatus merge(name) retainKeys map(name) : The claims made for the pod.
      observedGeneration 17 int64 : The generation the node has seen.
      extendedResourceClaimStatus 18 PodExtendedResourceClaimStatus : The claim that backs extended resources.
      allocatedResources 19 {}Quantity : What the node has set aside for the pod.
      resources 20 ResourceRequirements : Requests and limits in force for the pod as a whole.
      nodeAllocatableResourceClaimStatuses 0 []NodeAllocatableResourceClaimStatus atomic
        : Ordinary resources that come out of claims.

    PodCondition : One aspect of a pod's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastProbeTime 3 Time : When it was last looked at.
      lastTransitionTime 4 Time : When the status last changed.
      reason 5 string : A word for why it changed.
      message 6 string : Why it changed, for people.
      observedGeneration 7 int64 : The generation this was judged by.

    HostIP : An address of a node.
      ip! 1 string : The address.

    PodIP : An address of a pod.
      ip! 1 string : The address.

    PodResourceClaimStatus : The claim made for an entry of resourceClaims.
      name! 1 string : The entry.
      resourceClaimName 2 string : The claim's object.

    PodExtendedResourceClaimStatus : The claim behind a pod's extended resources.
      requestMappings! 1 []ContainerExtendedResourceRequest atomic : Which request serves which container.
      resourceClaimName! 2 string : The claim's object.

    ContainerExtendedResourceRequest : A container's extended resource, and the request that serves it.
      containerName! 1 string : The container.
      resourceName! 2 string : The resource.
      requestName! 3 string : The request.

    NodeAllocatableResourceClaimStatus : Ordinary resources that come out of a claim.
      resourceClaimName! 0 string : The claim's object.
      containers 0 []string atomic : The containers that use them.
      resources! 0 {}Quantity : How much of which.

    PodTemplateSpec : What pods are made from.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 PodSpec : What is wanted.

    PodLogOptions kind : What is asked of a container's log.
      container 1 string : Which container.
      follow 2 bool : Whether to go on as the log grows.
      previous 3 bool : Whether to show the container's last run before this one.
      sinceSeconds 4 int64 : Only what is younger than this.
      sinceTime 5 Time : Only what is younger than this.
      timestamps 6 bool : Whether each line begins with its time.
      tailLines 7 int64 : How many lines from the end.
      limitBytes 8 int64 : How many bytes at most.
      insecureSkipTLSVerifyBackend 9 bool : Whether the node's certificate may be wrong.
      stream 10 string : All, Stdout or Stderr.

    PodExecOptions kind : What is asked of a command in a container.
      stdin 1 bool : Whether to send input.
      stdout 2 bool : Whether to receive output.
      stderr 3 bool : Whether to receive errors.
      tty 4 bool : Whether to use a terminal.
      container 5 string : Which container.
      command 6 []string atomic : The program and its arguments; no shell reads them.

    PodAttachOptions kind : What is asked of a running container's streams.
      stdin 1 bool : Whether to send input.
      stdout 2 bool : Whether to receive output.
      stderr 3 bool : Whether to receive errors.
      tty 4 bool : Whether the container has a terminal.
      container 5 string : Which container.

    PodPortForwardOptions kind : What is asked of forwarding to a pod.
      ports 1 []int32 atomic : The pod's ports.

    PodProxyOptions kind : What is asked of the proxy to a pod.
      path 1 string : The path to ask the pod for.
    """#
}
