extension SchemaTables {
  /// apps/v1 and autoscaling/v1.
  static let appsTypes = #"""
    package io.k8s.api.apps.v1 apps/v1

    Deployment kind list : Pods of one template, replaced step by step when the template changes.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 DeploymentSpec : What is wanted.
      status 3 DeploymentStatus : What is the case, as the system last saw it.

    DeploymentSpec : What is wanted of a deployment.
      replicas 1 int32 =1 : How many pods.
      selector! 2 meta.LabelSelector : Which pods belong to it; fixed once it is made.
      template! 3 core.PodTemplateSpec : What the pods are made from.
      strategy 4 DeploymentStrategy retainKeys ={} : How old pods make way for new ones.
      minReadySeconds 5 int32 : How long a pod must be ready to count as available.
      revisionHistoryLimit 6 int32 =10 : How many old replica sets are kept.
      paused 7 bool : Whether changes of the template wait.
      progressDeadlineSeconds 9 int32 =600 : How long a step may take before it counts as stuck.

    DeploymentStrategy : How old pods make way for new ones.
      type 1 string ="RollingUpdate" enum(Recreate|RollingUpdate)
        : RollingUpdate, or Recreate to end all old ones first.
      rollingUpdate 2 RollingUpdateDeployment : How large the steps are.

    RollingUpdateDeployment : How large the steps of an update are.
      maxUnavailable 1 IntOrString ="25%" : How many pods may be missing, as a number or a percentage.
      maxSurge 2 IntOrString ="25%" : How many pods there may be too many, as a number or a percentage.

    DeploymentStatus : The state of a deployment.
      observedGeneration 1 int64 : The generation the controller has seen.
      replicas 2 int32 : How many pods there are.
      updatedReplicas 3 int32 : How many of them are of the present template.
      readyReplicas 7 int32 : How many of them are ready.
      availableReplicas 4 int32 : How many of them have been ready for long enough.
      unavailableReplicas 5 int32 : How many are missing.
      conditions 6 []DeploymentCondition merge(type) map(type) : How far the deployment has come.
      collisionCount 8 int32 : How often a replica set's name was taken.
      terminatingReplicas 9 int32 : How many pods are ending.

    DeploymentCondition : One aspect of a deployment's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastUpdateTime 6 Time : When this was last written.
      lastTransitionTime 7 Time : When the status last changed.
      reason 4 string : A word for why it changed.
      message 5 string : Why it changed, for people.

    ReplicaSet kind list : A number of pods of one template.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 ReplicaSetSpec : What is wanted.
      status 3 ReplicaSetStatus : What is the case, as the system last saw it.

    ReplicaSetSpec : What is wanted of a replica set.
      replicas 1 int32 =1 : How many pods.
      minReadySeconds 4 int32 : How long a pod must be ready to count as available.
      selector! 2 meta.LabelSelector : Which pods belong to it; fixed once it is made.
      template 3 core.PodTemplateSpec : What the pods are made from.

    ReplicaSetStatus : The state of a replica set.
      replicas! 1 int32 : How many pods there are.
      fullyLabeledReplicas 2 int32 : How many of them have all of the template's labels.
      readyReplicas 4 int32 : How many of them are ready.
      availableReplicas 5 int32 : How many of them have been ready for long enough.
      observedGeneration 3 int64 : The generation the controller has seen.
      conditions 6 []ReplicaSetCondition merge(type) map(type) : How the replica set is.
      terminatingReplicas 7 int32 : How many pods are ending.

    ReplicaSetCondition : One aspect of a replica set's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastTransitionTime 3 Time : When the status last changed.
      reason 4 string : A word for why it changed.
      message 5 string : Why it changed, for people.

    package io.k8s.api.autoscaling.v1 autoscaling/v1

    Scale kind : How many pods an object has, whatever its kind.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 ScaleSpec : What is wanted.
      status 3 ScaleStatus : What is the case, as the system last saw it.

    ScaleSpec : How many pods are wanted.
      replicas 1 int32 : The number.

    ScaleStatus : How many pods there are.
      replicas! 1 int32 : The number.
      selector 2 string : Which pods are counted, as text.
    """#
}
