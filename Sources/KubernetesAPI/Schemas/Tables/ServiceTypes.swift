extension SchemaTables {
  /// core/v1: services and endpoints.
  static let serviceTypes = #"""
    package io.k8s.api.core.v1 v1

    Service kind list : 
      metadata 1 meta.ObjectMeta
      spec 2 ServiceSpec
      status 3 ServiceStatus

    ServiceSpec : 
      ports 1 []ServicePort patch=merge key=port map(port,protocol)
      selector 2 {}string atomic
      clusterIP 3 string
      clusterIPs 18 []string atomic
      type 4 string ="ClusterIP" enum(ClusterIP|ExternalName|LoadBalancer|NodePort)
      externalIPs 5 []string atomic
      sessionAffinity 7 string ="None" enum(ClientIP|None)
      loadBalancerIP 8 string
      loadBalancerSourceRanges 9 []string atomic
      externalName 10 string
      externalTrafficPolicy 11 string enum(Cluster|Local)
      healthCheckNodePort 12 int32
      publishNotReadyAddresses 13 bool
      sessionAffinityConfig 14 SessionAffinityConfig
      ipFamilies 19 []string atomic
      ipFamilyPolicy 17 string enum(PreferDualStack|RequireDualStack|SingleStack)
      allocateLoadBalancerNodePorts 20 bool
      loadBalancerClass 21 string
      internalTrafficPolicy 22 string enum(Cluster|Local)
      trafficDistribution 23 string

    ServicePort : 
      name 1 string
      protocol 2 string ="TCP" enum(SCTP|TCP|UDP)
      appProtocol 6 string
      port! 3 int32
      targetPort 4 IntOrString
      nodePort 5 int32

    SessionAffinityConfig : 
      clientIP 1 ClientIPConfig

    ClientIPConfig : 
      timeoutSeconds 1 int32

    ServiceStatus : 
      loadBalancer 1 LoadBalancerStatus ={}
      conditions 2 []meta.Condition patch=merge key=type map(type)

    LoadBalancerStatus : 
      ingress 1 []LoadBalancerIngress atomic

    LoadBalancerIngress : 
      ip 1 string
      hostname 2 string
      ipMode 3 string
      ports 4 []PortStatus atomic

    PortStatus : 
      port! 1 int32
      protocol! 2 string enum(SCTP|TCP|UDP)
      error 3 string

    Endpoints kind list : 
      metadata 1 meta.ObjectMeta
      subsets 2 []EndpointSubset atomic

    EndpointSubset : 
      addresses 1 []EndpointAddress atomic
      notReadyAddresses 2 []EndpointAddress atomic
      ports 3 []EndpointPort atomic

    EndpointAddress atomic : 
      ip! 1 string
      hostname 3 string
      nodeName 4 string
      targetRef 2 ObjectReference

    EndpointPort atomic : 
      name 1 string
      port! 2 int32
      protocol 3 string ="TCP" enum(SCTP|TCP|UDP)
      appProtocol 4 string

    ServiceProxyOptions kind : 
      path 1 string
    """#
}
