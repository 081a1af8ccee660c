extension SchemaTables {
  /// core/v1: namespaces, configuration, identities and events.
  static let configurationTypes = #"""
    package io.k8s.api.core.v1 v1

    Namespace kind list : A scope for names, and for what is allowed and limited.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 NamespaceSpec : What is wanted.
      status 3 NamespaceStatus : What is the case, as the system last saw it.

    NamespaceSpec : What is wanted of a namespace.
      finalizers 1 []string atomic : Who must finish before the namespace may go.

    NamespaceStatus : The state of a namespace.
      phase 1 string ="Active" enum(Active|Terminating) : Active, or Terminating while its content is removed.
      conditions 2 []NamespaceCondition merge(type) map(type) : What stands in the way of its removal.

    NamespaceCondition : One aspect of a namespace's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastTransitionTime 4 Time : When the status last changed.
      reason 5 string : A word for why it changed.
      message 6 string : Why it changed, for people.

    LocalObjectReference atomic : An object in the same namespace.
      name 1 string : Its name.

    TypedLocalObjectReference atomic : An object of some kind in the same namespace.
      apiGroup 1 string : Its API group; empty for the core group.
      kind! 2 string : Its kind.
      name! 3 string : Its name.

    TypedObjectReference : An object of some kind.
      apiGroup 1 string : Its API group; empty for the core group.
      kind! 2 string : Its kind.
      name! 3 string : Its name.
      namespace 4 string : Its namespace; this one where empty.

    ObjectReference atomic : Another object, or a part of it.
      kind 1 string : Its kind.
      namespace 2 string : Its namespace.
      name 3 string : Its name.
      uid 4 string : Its identity.
      apiVersion 5 string : Its API version.
      resourceVersion 6 string : The version of it that is meant.
      fieldPath 7 string : The part of it that is meant, such as spec.containers{web}.

    ConfigMap kind list : Configuration that pods read.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      immutable 4 bool : Whether the content is fixed for good.
      data 2 {}string : Entries that are text.
      binaryData 3 {}bytes : Entries that are bytes.

    Secret kind list : Confidential data that pods read.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      immutable 5 bool : Whether the content is fixed for good.
      data 2 {}bytes : The entries.
      stringData 4 {}string : Entries as text, for writing only; they become entries of data.
      type 3 string ="Opaque" : What the secret is for, which fixes the entries it must have.

    ServiceAccount kind list : An identity for the processes in pods.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      secrets 2 []ObjectReference merge(name) map(name) : Secrets that its pods may use.
      imagePullSecrets 3 []LocalObjectReference atomic : Credentials for its pods' images.
      automountServiceAccountToken 4 bool : Whether its pods get a token.

    Event kind list : Something that happened to an object.
      metadata! 1 meta.ObjectMeta : Name, labels and the like.
      involvedObject! 2 ObjectReference : What it happened to.
      reason 3 string : What happened, in a word.
      message 4 string : What happened, for people.
      source 5 EventSource : Who reports it.
      firstTimestamp 6 Time : When it first happened.
      lastTimestamp 7 Time : When it last happened.
      count 8 int32 : How often it happened.
      type 9 string : Normal or Warning.
      eventTime 10 MicroTime : When it was first seen, to the microsecond.
      series 11 EventSeries : How it goes on happening.
      action 12 string : What was done about it.
      related 13 ObjectReference : A second object that takes part.
      reportingComponent 14 string : The controller that reports it.
      reportingInstance 15 string : Which copy of that controller.

    EventSource : Who reports an event.
      component 1 string : The program.
      host 2 string : The node it runs on.

    EventSeries : A happening that repeats.
      count 1 int32 : How often so far.
      lastObservedTime 2 MicroTime : When last.

    Binding kind : Puts a pod on a node.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      target! 2 ObjectReference : The node.
    """#
}
