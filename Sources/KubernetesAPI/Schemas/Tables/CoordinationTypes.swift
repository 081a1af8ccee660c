extension SchemaTables {
  /// discovery, events, coordination, authentication and policy.
  static let coordinationTypes = #"""
    package io.k8s.api.discovery.v1 discovery.k8s.io/v1

    EndpointSlice kind list : 
      metadata 1 meta.ObjectMeta
      addressType! 4 string enum(FQDN|IPv4|IPv6)
      endpoints 2 []Endpoint atomic
      ports 3 []EndpointPort atomic

    Endpoint : 
      addresses! 1 []string set
      conditions 2 EndpointConditions
      hostname 3 string
      targetRef 4 core.ObjectReference
      deprecatedTopology 5 {}string
      nodeName 6 string
      zone 7 string
      hints 8 EndpointHints

    EndpointConditions : 
      ready 1 bool
      serving 2 bool
      terminating 3 bool

    EndpointHints : 
      forZones 1 []ForZone atomic
      forNodes 2 []ForNode atomic

    ForZone : 
      name! 1 string

    ForNode : 
      name! 1 string

    EndpointPort atomic : 
      name 1 string =""
      protocol 2 string ="TCP" enum(SCTP|TCP|UDP)
      port 3 int32
      appProtocol 4 string

    package io.k8s.api.events.v1 events.k8s.io/v1

    Event kind list : 
      metadata 1 meta.ObjectMeta
      eventTime! 2 MicroTime
      series 3 EventSeries
      reportingController 4 string
      reportingInstance 5 string
      action 6 string
      reason 7 string
      regarding 8 core.ObjectReference
      related 9 core.ObjectReference
      note 10 string
      type 11 string
      deprecatedSource 12 core.EventSource
      deprecatedFirstTimestamp 13 Time
      deprecatedLastTimestamp 14 Time
      deprecatedCount 15 int32

    EventSeries : 
      count! 1 int32
      lastObservedTime! 2 MicroTime

    package io.k8s.api.coordination.v1 coordination.k8s.io/v1

    Lease kind list : 
      metadata 1 meta.ObjectMeta
      spec 2 LeaseSpec

    LeaseSpec : 
      holderIdentity 1 string
      leaseDurationSeconds 2 int32
      acquireTime 3 MicroTime
      renewTime 4 MicroTime
      leaseTransitions 5 int32
      strategy 6 string
      preferredHolder 7 string

    package io.k8s.api.authentication.v1 authentication.k8s.io/v1

    TokenRequest kind : 
      metadata 1 meta.ObjectMeta
      spec 2 TokenRequestSpec
      status 3 TokenRequestStatus

    TokenRequestSpec : 
      audiences 1 []string atomic
      expirationSeconds 4 int64 =3600
      boundObjectRef 3 BoundObjectReference

    BoundObjectReference : 
      kind 1 string
      apiVersion 2 string
      name 3 string
      uid 4 string

    TokenRequestStatus : 
      token 1 string
      expirationTimestamp 2 Time

    TokenReview kind : 
      metadata 1 meta.ObjectMeta
      spec! 2 TokenReviewSpec
      status 3 TokenReviewStatus

    TokenReviewSpec : 
      token! 1 string
      audiences 2 []string atomic

    TokenReviewStatus : 
      authenticated 1 bool
      user 2 UserInfo
      audiences 4 []string atomic
      error 3 string

    UserInfo : 
      username 1 string
      uid 2 string
      groups 3 []string atomic
      extra 4 {}strings

    SelfSubjectReview kind : 
      metadata 1 meta.ObjectMeta
      status 2 SelfSubjectReviewStatus

    SelfSubjectReviewStatus : 
      userInfo 1 UserInfo

    package io.k8s.api.policy.v1 policy/v1

    Eviction kind : 
      metadata 1 meta.ObjectMeta
      deleteOptions 2 meta.DeleteOptions
    """#
}
