extension SchemaTables {
  /// core/v1: namespaces, configuration, identities and events.
  static let configurationTypes = #"""
    package io.k8s.api.core.v1 v1

    Namespace kind list : 
      metadata 1 meta.ObjectMeta
      spec 2 NamespaceSpec
      status 3 NamespaceStatus

    NamespaceSpec : 
      finalizers 1 []string atomic

    NamespaceStatus : 
      phase 1 string ="Active" enum(Active|Terminating)
      conditions 2 []NamespaceCondition patch=merge key=type map(type)

    NamespaceCondition : 
      type! 1 string
      status! 2 string
      lastTransitionTime 4 Time
      reason 5 string
      message 6 string

    LocalObjectReference atomic : 
      name 1 string

    TypedLocalObjectReference atomic : 
      apiGroup 1 string
      kind! 2 string
      name! 3 string

    TypedObjectReference : 
      apiGroup 1 string
      kind! 2 string
      name! 3 string
      namespace 4 string

    ObjectReference atomic : 
      kind 1 string
      namespace 2 string
      name 3 string
      uid 4 string
      apiVersion 5 string
      resourceVersion 6 string
      fieldPath 7 string

    ConfigMap kind list : 
      metadata 1 meta.ObjectMeta
      immutable 4 bool
      data 2 {}string
      binaryData 3 {}bytes

    Secret kind list : 
      metadata 1 meta.ObjectMeta
      immutable 5 bool
      data 2 {}bytes
      stringData 4 {}string
      type 3 string ="Opaque"

    ServiceAccount kind list : 
      metadata 1 meta.ObjectMeta
      secrets 2 []ObjectReference patch=merge key=name map(name)
      imagePullSecrets 3 []LocalObjectReference atomic
      automountServiceAccountToken 4 bool

    Event kind list : 
      metadata! 1 meta.ObjectMeta
      involvedObject! 2 ObjectReference
      reason 3 string
      message 4 string
      source 5 EventSource
      firstTimestamp 6 Time
      lastTimestamp 7 Time
      count 8 int32
      type 9 string
      eventTime 10 MicroTime
      series 11 EventSeries
      action 12 string
      related 13 ObjectReference
      reportingComponent 14 string
      reportingInstance 15 string

    EventSource : 
      component 1 string
      host 2 string

    EventSeries : 
      count 1 int32
      lastObservedTime 2 MicroTime

    Binding kind : 
      metadata 1 meta.ObjectMeta
      target! 2 ObjectReference
    """#
}
