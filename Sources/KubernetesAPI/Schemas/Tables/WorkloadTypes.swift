extension SchemaTables {
  /// apps/v1 and core/v1: stateful sets, daemon sets, revisions, replication controllers.
  static let workloadTypes = #"""
    package io.k8s.api.apps.v1 apps/v1

    StatefulSet kind list : Pods with names and volumes that stay.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 StatefulSetSpec : What is wanted.
      status 3 StatefulSetStatus : What is the case, as the system last saw it.

    StatefulSetSpec : What is wanted of a stateful set.
      replicas 1 int32 =1 : How many pods.
      selector! 2 meta.LabelSelector : Which pods belong to it; fixed once it is made.
      template! 3 core.PodTemplateSpec : What the pods are made from.
      volumeClaimTemplates 4 []core.PersistentVolumeClaim atomic : Claims that each pod gets of its own.
      serviceName 5 string : The headless service that gives the pods their names.
      podManagementPolicy 6 string ="OrderedReady" enum(OrderedReady|Parallel) : One after the other, or all at once.
      updateStrategy 7 StatefulSetUpdateStrategy ={} : How pods are replaced when the template changes.
      revisionHistoryLimit 8 int32 =10 : How many old revisions are kept.
      minReadySeconds 9 int32 : How long a pod must be ready to count as available.
      persistentVolumeClaimRetentionPolicy 10 StatefulSetPersistentVolumeClaimRetentionPolicy ={}
        : When claims are removed.
      ordinals 11 StatefulSetOrdinals : How the pods are numbered.

    StatefulSetUpdateStrategy : How pods are replaced.
      type 1 string ="RollingUpdate" enum(OnDelete|RollingUpdate) : RollingUpdate, or OnDelete to wait for a deletion.
      rollingUpdate 2 RollingUpdateStatefulSetStrategy : Which pods are replaced.

    RollingUpdateStatefulSetStrategy : Which pods an update replaces.
      partition 1 int32 : Pods below this number stay as they are.
      maxUnavailable 2 IntOrString : How many pods may be missing meanwhile.

    StatefulSetPersistentVolumeClaimRetentionPolicy : When claims are removed.
      whenDeleted 1 string ="Retain" : What happens to them when the set is deleted: Retain or Delete.
      whenScaled 2 string ="Retain" : What happens to those of pods that are scaled away: Retain or Delete.

    StatefulSetOrdinals : How the pods are numbered.
      start! 1 int32 : The first number.

    StatefulSetStatus : The state of a stateful set.
      observedGeneration 1 int64 : The generation the controller has seen.
      replicas! 2 int32 : How many pods there are.
      readyReplicas 3 int32 : How many of them are ready.
      currentReplicas 4 int32 : How many of them are of the current revision.
      updatedReplicas 5 int32 : How many of them are of the update revision.
      currentRevision 6 string : The revision of the pods with low numbers.
      updateRevision 7 string : The revision of the pods with high numbers.
      collisionCount 9 int32 : How often a revision's name was taken.
      conditions 10 []StatefulSetCondition merge(type) map(type) : How the stateful set is.
      availableReplicas 11 int32 : How many pods have been ready for long enough.

    StatefulSetCondition : One aspect of a stateful set's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastTransitionTime 3 Time : When the status last changed.
      reason 4 string : A word for why it changed.
      message 5 string : Why it changed, for people.

    DaemonSet kind list : One pod on every node that fits.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 DaemonSetSpec : What is wanted.
      status 3 DaemonSetStatus : What is the case, as the system last saw it.

    DaemonSetSpec : What is wanted of a daemon set.
      selector! 1 meta.LabelSelector : Which pods belong to it; fixed once it is made.
      template! 2 core.PodTemplateSpec : What the pods are made from.
      updateStrategy 3 DaemonSetUpdateStrategy ={} : How pods are replaced when the template changes.
      minReadySeconds 4 int32 : How long a pod must be ready to count as available.
      revisionHistoryLimit 6 int32 =10 : How many old revisions are kept.

    DaemonSetUpdateStrategy : How pods are replaced.
      type 1 string ="RollingUpdate" enum(OnDelete|RollingUpdate) : RollingUpdate, or OnDelete to wait for a deletion.
      rollingUpdate 2 RollingUpdateDaemonSet : How large the steps are.

    RollingUpdateDaemonSet : How large the steps of an update are.
      maxUnavailable 1 IntOrString : On how many nodes the pod may be missing.
      maxSurge 2 IntOrString : On how many nodes there may be two.

    DaemonSetStatus : The state of a daemon set.
      currentNumberScheduled! 1 int32 : On how many of the right nodes a pod is.
      numberMisscheduled! 2 int32 : On how many of the wrong nodes one is.
      desiredNumberScheduled! 3 int32 : On how many nodes there should be one.
      numberReady! 4 int32 : On how many nodes one is ready.
      observedGeneration 5 int64 : The generation the controller has seen.
      updatedNumberScheduled 6 int32 : On how many nodes one of the present template is.
      numberAvailable 7 int32 : On how many nodes one has been ready for long enough.
      numberUnavailable 8 int32 : On how many nodes none is available.
      collisionCount 9 int32 : How often a revision's name was taken.
      conditions 10 []DaemonSetCondition merge(type) map(type) : How the daemon set is.

    DaemonSetCondition : One aspect of a daemon set's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastTransitionTime 3 Time : When the status last changed.
      reason 4 string : A word for why it changed.
      message 5 string : Why it changed, for people.

    ControllerRevision kind list : One state of a workload's template, kept to go back to.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      data 2 raw : The state.
      revision! 3 int64 : Its number.

    package io.k8s.api.core.v1 v1

    ReplicationController kind list : A number of pods of one template; the forerunner of replica sets.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 ReplicationControllerSpec : What is wanted.
      status 3 ReplicationControllerStatus : What is the case, as the system last saw it.

    ReplicationControllerSpec : What is wanted of a replication controller.
      replicas 1 int32 =1 : How many pods.
      selector 2 {}string atomic : Which pods belong to it, by their labels.
      template 3 PodTemplateSpec : What the pods are made from.
      minReadySeconds 4 int32 =0 : How long a pod must be ready to count as available.

    ReplicationControllerStatus : The state of a replication controller.
      replicas! 1 int32 : How many pods there are.
      fullyLabeledReplicas 2 int32 : How many of them have all of the template's labels.
      observedGeneration 3 int64 : The generation the controller has seen.
      readyReplicas 4 int32 : How many of them are ready.
      availableReplicas 5 int32 : How many of them have been ready for long enough.
      conditions 6 []ReplicationControllerCondition merge(type) map(type) : How the replication controller is.

    ReplicationControllerCondition : One aspect of a replication controller's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastTransitionTime 3 Time : When the status last changed.
      reason 4 string : A word for why it changed.
      message 5 string : Why it changed, for people.

    PodTemplate kind list : A template to make pods from.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      template 2 PodTemplateSpec : The template.
    """#
}
