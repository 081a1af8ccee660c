extension SchemaTables {
  /// discovery, events, coordination, authentication and policy.
  static let coordinationTypes = #"""
    package io.k8s.api.discovery.v1 discovery.k8s.io/v1

    EndpointSlice kind list : Some of the endpoints behind a service.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      addressType! 4 string enum(FQDN|IPv4|IPv6) : IPv4, IPv6 or FQDN.
      endpoints 2 []Endpoint atomic : The endpoints.
      ports 3 []EndpointPort atomic : The ports of each endpoint.

    Endpoint : One backend of a service.
      addresses! 1 []string set : Its addresses; the first counts.
      conditions 2 EndpointConditions : How it is.
      hostname 3 string : Its host name.
      targetRef 4 core.ObjectReference : The pod it stands for.
      deprecatedTopology 5 {}string : No longer used.
      nodeName 6 string : The node it is on.
      zone 7 string : The zone it is in.
      hints 8 EndpointHints : Who is to use it.

    EndpointConditions : How an endpoint is.
      ready 1 bool : Whether it takes new connections; yes where nothing is said.
      serving 2 bool : Whether it answers, even while it ends.
      terminating 3 bool : Whether it is ending.

    EndpointHints : Who is to use an endpoint.
      forZones 1 []ForZone atomic : Clients in these zones.
      forNodes 2 []ForNode atomic : Clients on these nodes.

    ForZone : A zone.
      name! 1 string : Its name.

    ForNode : A node.
      name! 1 string : Its name.

    EndpointPort atomic : A port of endpoints.
      name 1 string ="" : The service port's name.
      protocol 2 string ="TCP" enum(SCTP|TCP|UDP) : TCP, UDP or SCTP.
      port 3 int32 : The number; every port where nothing is said.
      appProtocol 4 string : What is spoken, such as http.

    package io.k8s.api.events.v1 events.k8s.io/v1

    Event kind list : Something that happened to an object.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      eventTime! 2 MicroTime : When it first happened.
      series 3 EventSeries : How it goes on happening.
      reportingController 4 string : The controller that reports it.
      reportingInstance 5 string : Which copy of that controller.
      action 6 string : What was done.
      reason 7 string : Why, in a word.
      regarding 8 core.ObjectReference : What it happened to.
      related 9 core.ObjectReference : A second object that takes part.
      note 10 string : What happened, for people.
      type 11 string : Normal or Warning.
      deprecatedSource 12 core.EventSource : As the core kind has it.
      deprecatedFirstTimestamp 13 Time : As the core kind has it.
      deprecatedLastTimestamp 14 Time : As the core kind has it.
      deprecatedCount 15 int32 : As the core kind has it.

    EventSeries : A happening that repeats.
      count! 1 int32 : How often so far.
      lastObservedTime! 2 MicroTime : When last.

    package io.k8s.api.coordination.v1 coordination.k8s.io/v1

    Lease kind list : Says who holds something, and for how long.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 LeaseSpec : What is wanted.

    LeaseSpec : Who holds a lease.
      holderIdentity 1 string : The holder.
      leaseDurationSeconds 2 int32 : How long others wait after the last renewal.
      acquireTime 3 MicroTime : When the holder got it.
      renewTime 4 MicroTime : When the holder last renewed it.
      leaseTransitions 5 int32 : How often the holder changed.
      strategy 6 string : How the next holder is chosen.
      preferredHolder 7 string : Who should hold it next.

    package io.k8s.api.authentication.v1 authentication.k8s.io/v1

    TokenRequest kind : Asks for a token of a service account.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 TokenRequestSpec : What is wanted.
      status 3 TokenRequestStatus : What is the case, as the system last saw it.

    TokenRequestSpec : What token is wanted.
      audiences 1 []string atomic : Who is to accept it.
      expirationSeconds 4 int64 =3600 : How long it is to be good.
      boundObjectRef 3 BoundObjectReference : The object it is good as long as.

    BoundObjectReference : An object a token is bound to.
      kind 1 string : Pod, Secret or Node.
      apiVersion 2 string : Its API version.
      name 3 string : Its name.
      uid 4 string : Its identity.

    TokenRequestStatus : The token.
      token 1 string : The token.
      expirationTimestamp 2 Time : Until when it is good.

    TokenReview kind : Asks whose a token is.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 TokenReviewSpec : What is wanted.
      status 3 TokenReviewStatus : What is the case, as the system last saw it.

    TokenReviewSpec : The token in question.
      token! 1 string : The token.
      audiences 2 []string atomic : Who must be meant by it.

    TokenReviewStatus : Whose the token is.
      authenticated 1 bool : Whether it is good.
      user 2 UserInfo : Whose it is.
      audiences 4 []string atomic : Who is meant by it, of those asked for.
      error 3 string : Why it could not be judged.

    UserInfo : Who makes a request.
      username 1 string : The name.
      uid 2 string : The identity behind the name.
      groups 3 []string atomic : The groups.
      extra 4 {}strings : More that is known.

    SelfSubjectReview kind : Tells who makes the request.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      status 2 SelfSubjectReviewStatus : What is the case, as the system last saw it.

    SelfSubjectReviewStatus : Who makes the request.
      userInfo 1 UserInfo : The one who asks.

    package io.k8s.api.policy.v1 policy/v1

    Eviction kind : Asks that a pod be removed, where its disruption budget allows.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      deleteOptions 2 meta.DeleteOptions : How it is to be removed.
    """#
}
