extension SchemaTables {
  /// core/v1: services and endpoints.
  static let serviceTypes = #"""
    package io.k8s.api.core.v1 v1

    Service kind list : A steady name and address for pods that come and go.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 ServiceSpec : What is wanted.
      status 3 ServiceStatus : What is the case, as the system last saw it.

    ServiceSpec : How a service is reached, and who answers.
      ports 1 []ServicePort merge(port) map(port,protocol) : The ports.
      selector 2 {}string atomic : Labels of the pods that answer; without it, endpoints are kept by hand.
      clusterIP 3 string : The address inside the cluster; None for none.
      clusterIPs 18 []string atomic : The addresses inside the cluster, one per family at most.
      type 4 string ="ClusterIP" enum(ClusterIP|ExternalName|LoadBalancer|NodePort)
        : ClusterIP, NodePort, LoadBalancer or ExternalName.
      externalIPs 5 []string atomic : Addresses of others' making at which nodes answer too.
      sessionAffinity 7 string ="None" enum(ClientIP|None) : ClientIP sends a client to the same pod each time.
      loadBalancerIP 8 string : Outdated: the address to ask the load balancer for.
      loadBalancerSourceRanges 9 []string atomic : Which clients the load balancer lets in.
      externalName 10 string : The name that the service is another name for.
      externalTrafficPolicy 11 string enum(Cluster|Local) : Local keeps outside traffic on the node it came to.
      healthCheckNodePort 12 int32 : The port at which nodes say whether they have pods.
      publishNotReadyAddresses 13 bool : Whether pods count that are not ready.
      sessionAffinityConfig 14 SessionAffinityConfig : How long a client is remembered.
      ipFamilies 19 []string atomic : The families of the addresses.
      ipFamilyPolicy 17 string enum(PreferDualStack|RequireDualStack|SingleStack)
        : Whether one family or both are wanted.
      allocateLoadBalancerNodePorts 20 bool : Whether a load balancer gets node ports.
      loadBalancerClass 21 string : Whose load balancer is wanted.
      internalTrafficPolicy 22 string enum(Cluster|Local) : Local keeps inside traffic on its node.
      trafficDistribution 23 string : Which endpoints are preferred, such as PreferSameZone.

    ServicePort : A port of a service.
      name 1 string : The port's name; needed where there are several.
      protocol 2 string ="TCP" enum(SCTP|TCP|UDP) : TCP, UDP or SCTP.
      appProtocol 6 string : What is spoken, such as http.
      port! 3 int32 : The number.
      targetPort 4 IntOrString : The pods' port, by number or name.
      nodePort 5 int32 : The nodes' port.

    SessionAffinityConfig : How clients are remembered.
      clientIP 1 ClientIPConfig : By their address.

    ClientIPConfig : How clients are remembered by their address.
      timeoutSeconds 1 int32 : For how long.

    ServiceStatus : The state of a service.
      loadBalancer 1 LoadBalancerStatus ={} : Where the load balancer answers.
      conditions 2 []meta.Condition merge(type) map(type) : How the service is.

    LoadBalancerStatus : Where a load balancer answers.
      ingress 1 []LoadBalancerIngress atomic : The places.

    LoadBalancerIngress : A place where a load balancer answers.
      ip 1 string : Its address.
      hostname 2 string : Its name.
      ipMode 3 string : VIP where nodes see this address, Proxy where they see their own.
      ports 4 []PortStatus atomic : The state of each port.

    PortStatus : The state of a load balancer's port.
      port! 1 int32 : The port.
      protocol! 2 string enum(SCTP|TCP|UDP) : Its protocol.
      error 3 string : What is amiss.

    Endpoints kind list : The addresses behind a service; outdated, EndpointSlice tells more.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      subsets 2 []EndpointSubset atomic : Groups of addresses that share ports.

    EndpointSubset : Addresses that share ports.
      addresses 1 []EndpointAddress atomic : Those that are ready.
      notReadyAddresses 2 []EndpointAddress atomic : Those that are not.
      ports 3 []EndpointPort atomic : The ports.

    EndpointAddress atomic : An address behind a service.
      ip! 1 string : The address.
      hostname 3 string : Its host name.
      nodeName 4 string : The node it is on.
      targetRef 2 ObjectReference : The pod it belongs to.

    EndpointPort atomic : A port behind a service.
      name 1 string : The service port's name.
      port! 2 int32 : The number.
      protocol 3 string ="TCP" enum(SCTP|TCP|UDP) : TCP, UDP or SCTP.
      appProtocol 4 string : What is spoken, such as http.

    ServiceProxyOptions kind : What is asked of the proxy to a service.
      path 1 string : The path to ask the service for.
    """#
}
