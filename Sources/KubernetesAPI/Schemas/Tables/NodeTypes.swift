extension SchemaTables {
  /// core/v1: nodes.
  static let nodeTypes = #"""
    package io.k8s.api.core.v1 v1

    Node kind list : A machine that runs pods.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 NodeSpec : What is wanted.
      status 3 NodeStatus : What is the case, as the system last saw it.

    NodeSpec : What is wanted of a node.
      podCIDR 1 string : The block its pods have addresses from.
      podCIDRs 7 []string merge set : Those blocks, one per family at most.
      providerID 3 string : The cloud's name for it.
      unschedulable 4 bool : Whether no more pods are to come.
      taints 5 []Taint atomic : What keeps pods off it.
      configSource 6 NodeConfigSource : No longer used.
      externalID 2 string : No longer used.

    NodeConfigSource : No longer used.
      configMap 2 ConfigMapNodeConfigSource : No longer used.

    ConfigMapNodeConfigSource : No longer used.
      namespace! 1 string : No longer used.
      name! 2 string : No longer used.
      uid 3 string : No longer used.
      resourceVersion 4 string : No longer used.
      kubeletConfigKey! 5 string : No longer used.

    NodeStatus : The state of a node.
      capacity 1 {}Quantity : What it has.
      allocatable 2 {}Quantity : What pods may use of it.
      phase 3 string enum(Pending|Running|Terminated) : No longer used.
      conditions 4 []NodeCondition merge(type) map(type) : How it is.
      addresses 5 []NodeAddress merge(type) map(type) : Where it is reached.
      daemonEndpoints 6 NodeDaemonEndpoints : Where its agent listens.
      nodeInfo 7 NodeSystemInfo : What it is made of.
      images 8 []ContainerImage atomic : The images it has.
      volumesInUse 9 []string atomic : The volumes it has mounted.
      volumesAttached 10 []AttachedVolume atomic : The volumes attached to it.
      config 11 NodeConfigStatus : No longer used.
      runtimeHandlers 12 []NodeRuntimeHandler atomic : How it can run containers.
      features 13 NodeFeatures : What its runtime can do.
      declaredFeatures 14 []string atomic : What its agent says it can do.

    NodeCondition : One aspect of a node's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastHeartbeatTime 3 Time : When it was last reported.
      lastTransitionTime 4 Time : When the status last changed.
      reason 5 string : A word for why it changed.
      message 6 string : Why it changed, for people.

    NodeAddress : An address of a node.
      type! 1 string : InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS.
      address! 2 string : The address.

    ComponentStatus kind list : Whether a part of the control plane is well. Deprecated.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      conditions 2 []ComponentCondition merge(type) map(type) : What was found.

    ComponentCondition : What was found of a part.
      type! 1 string : Healthy.
      status! 2 string : True, False or Unknown.
      message 3 string : What it says of itself.
      error 4 string : Why it is not well.

    NodeDaemonEndpoints : Where a node's daemons listen.
      kubeletEndpoint 1 DaemonEndpoint : Its agent.

    DaemonEndpoint : Where a daemon listens.
      Port! 1 int32 : The port.

    NodeSystemInfo : What a node is made of.
      machineID! 1 string : The machine's identity.
      systemUUID! 2 string : The hardware's identity.
      bootID! 3 string : Changes with every boot.
      kernelVersion! 4 string : The kernel.
      osImage! 5 string : The operating system, with its version.
      containerRuntimeVersion! 6 string : The container runtime.
      kubeletVersion! 7 string : The agent.
      kubeProxyVersion! 8 string : No longer used.
      operatingSystem! 9 string : linux or windows.
      architecture! 10 string : The processor's kind.
      swap 11 NodeSwapStatus : Its swap space.

    NodeSwapStatus : Swap space.
      capacity 1 int64 : How many bytes.

    ContainerImage : An image on a node.
      names 1 []string atomic : Its names.
      sizeBytes 2 int64 : Its size.

    AttachedVolume : A volume attached to a node.
      name! 1 string : The volume.
      devicePath! 2 string : Where the device is.

    NodeConfigStatus : No longer used.
      assigned 1 NodeConfigSource : No longer used.
      active 2 NodeConfigSource : No longer used.
      lastKnownGood 3 NodeConfigSource : No longer used.
      error 4 string : No longer used.

    NodeRuntimeHandler : A way to run containers.
      name 1 string : Its name; empty for the usual one.
      features 2 NodeRuntimeHandlerFeatures : What it can do.

    NodeRuntimeHandlerFeatures : What a way to run containers can do.
      recursiveReadOnlyMounts 1 bool : Mounts that cannot be written at any depth.
      userNamespaces 2 bool : User numbers of the pod's own.

    NodeFeatures : What a node's runtime can do.
      supplementalGroupsPolicy 1 bool : Choose whether an image's groups count.

    NodeProxyOptions kind : What is asked of the proxy to a node.
      path 1 string : The path to ask the node for.
    """#
}
