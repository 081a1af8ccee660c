extension SchemaTables {
  /// networking.k8s.io/v1 and node.k8s.io/v1.
  static let networkingTypes = #"""
    package io.k8s.api.networking.v1 networking.k8s.io/v1

    Ingress kind list : Leads HTTP from outside to services.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 IngressSpec : What is wanted.
      status 3 IngressStatus : What is the case, as the system last saw it.

    IngressSpec : What is wanted of an ingress.
      ingressClassName 4 string : The class that says who serves it.
      defaultBackend 1 IngressBackend : Where requests go that no rule fits.
      tls 2 []IngressTLS atomic : The hosts that are served with TLS.
      rules 3 []IngressRule atomic : Where requests go, by host and path.

    IngressBackend : Where requests go.
      service 4 IngressServiceBackend : A service.
      resource 3 core.TypedLocalObjectReference : Another object of this namespace.

    IngressServiceBackend : A service's port.
      name! 1 string : The service.
      port 2 ServiceBackendPort : The port.

    ServiceBackendPort atomic : A port by its name or its number.
      name 1 string : The name.
      number 2 int32 : The number.

    IngressTLS : Hosts and their certificate.
      hosts 1 []string atomic : The hosts.
      secretName 2 string : The secret with certificate and key.

    IngressRule : Where the requests to a host go.
      host 1 string : The host; every one where nothing is said.
      inline 2 IngressRuleValue

    IngressRuleValue : Where requests go, by their protocol.
      http 1 HTTPIngressRuleValue : Where, by their path.

    HTTPIngressRuleValue : Where requests go by their path.
      paths! 1 []HTTPIngressPath atomic : The paths.

    HTTPIngressPath : Where the requests of a path go.
      path 1 string : The path.
      pathType! 3 string enum(Exact|ImplementationSpecific|Prefix)
        : How the path is compared: Exact, Prefix or ImplementationSpecific.
      backend! 2 IngressBackend : Where.

    IngressStatus : The state of an ingress.
      loadBalancer 1 IngressLoadBalancerStatus : Where it is reached.

    IngressLoadBalancerStatus : Where an ingress is reached.
      ingress 1 []IngressLoadBalancerIngress atomic : The places.

    IngressLoadBalancerIngress : A place where an ingress is reached.
      ip 1 string : Its address.
      hostname 2 string : Its name.
      ports 4 []IngressPortStatus atomic : Its ports.

    IngressPortStatus : A port of an ingress.
      port! 1 int32 : The number.
      protocol! 2 string : TCP, UDP or SCTP.
      error 3 string : What is wrong with it.

    IngressClass kind list : A way to serve ingresses.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 IngressClassSpec : What is wanted.

    IngressClassSpec : Who serves a class of ingresses.
      controller 1 string : The controller.
      parameters 2 IngressClassParametersReference : An object with more settings.

    IngressClassParametersReference : An object with settings.
      apiGroup 1 string : Its API group.
      kind! 2 string : Its kind.
      name! 3 string : Its name.
      scope 4 string : Cluster or Namespace.
      namespace 5 string : Its namespace.

    NetworkPolicy kind list : Which traffic some pods take part in.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 NetworkPolicySpec : What is wanted.

    NetworkPolicySpec : What is let through.
      podSelector 1 meta.LabelSelector ={} : Which pods of this namespace; all of them where it is empty.
      ingress 2 []NetworkPolicyIngressRule atomic : What may come in.
      egress 3 []NetworkPolicyEgressRule atomic : What may go out.
      policyTypes 4 []string atomic : What is limited: Ingress, Egress or both.

    NetworkPolicyIngressRule : Traffic that may come in.
      ports 1 []NetworkPolicyPort atomic : To these ports; to all where nothing is said.
      from 2 []NetworkPolicyPeer atomic : From these places; from everywhere where nothing is said.

    NetworkPolicyEgressRule : Traffic that may go out.
      ports 1 []NetworkPolicyPort atomic : To these ports; to all where nothing is said.
      to 2 []NetworkPolicyPeer atomic : To these places; to everywhere where nothing is said.

    NetworkPolicyPort : Some ports.
      protocol 1 string : TCP, UDP or SCTP; TCP where nothing is said.
      port 2 IntOrString : The number, or the name a pod gives it; every one where nothing is said.
      endPort 3 int32 : The last of a range of numbers.

    NetworkPolicyPeer : Some pods, or a block of addresses.
      podSelector 1 meta.LabelSelector : Pods.
      namespaceSelector 2 meta.LabelSelector : Of these namespaces; of this one where nothing is said.
      ipBlock 3 IPBlock : Addresses; goes with none of the others.

    IPBlock : A block of addresses.
      cidr! 1 string : The block.
      except 2 []string atomic : Blocks in it that do not belong.

    IPAddress kind list : An address of services that is taken.
      metadata 1 meta.ObjectMeta : Name, labels and the like; the name is the address.
      spec 2 IPAddressSpec : What is wanted.

    IPAddressSpec : Who has an address.
      parentRef! 1 ParentReference : The object.

    ParentReference : An object that has an address.
      group 1 string : Its API group.
      resource! 2 string : Its resource.
      namespace 3 string : Its namespace.
      name! 4 string : Its name.

    ServiceCIDR kind list : Blocks from which services get their addresses.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 ServiceCIDRSpec : What is wanted.
      status 3 ServiceCIDRStatus : What is the case, as the system last saw it.

    ServiceCIDRSpec : The blocks.
      cidrs 1 []string atomic : One of each family at most.

    ServiceCIDRStatus : The state of a range of services.
      conditions 1 []meta.Condition merge(type) map(type) : Whether it is in use.

    package io.k8s.api.node.v1 node.k8s.io/v1

    RuntimeClass kind list : A way to run containers.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      handler! 2 string : What the container runtime calls it.
      overhead 3 Overhead : What each pod costs besides its containers.
      scheduling 4 Scheduling : Which nodes have it.

    Overhead : What a pod costs besides its containers.
      podFixed 1 {}Quantity : The resources.

    Scheduling : Which nodes have a runtime.
      nodeSelector 1 {}string atomic : Their labels.
      tolerations 2 []core.Toleration atomic : Taints its pods put up with.
    """#
}
