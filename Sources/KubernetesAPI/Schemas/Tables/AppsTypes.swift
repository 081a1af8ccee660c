extension SchemaTables {
  /// apps/v1 and autoscaling/v1.
  static let appsTypes = #"""
    package io.k8s.api.apps.v1 apps/v1

    Deployment kind list : 
      metadata 1 meta.ObjectMeta
      spec 2 DeploymentSpec
      status 3 DeploymentStatus

    DeploymentSpec : 
      replicas 1 int32 =1
      selector! 2 meta.LabelSelector
      template! 3 core.PodTemplateSpec
      strategy 4 DeploymentStrategy patch=retainKeys ={}
      minReadySeconds 5 int32
      revisionHistoryLimit 6 int32 =10
      paused 7 bool
      progressDeadlineSeconds 9 int32 =600

    DeploymentStrategy : 
      type 1 string ="RollingUpdate" enum(Recreate|RollingUpdate)
      rollingUpdate 2 RollingUpdateDeployment

    RollingUpdateDeployment : 
      maxUnavailable 1 IntOrString ="25%"
      maxSurge 2 IntOrString ="25%"

    DeploymentStatus : 
      observedGeneration 1 int64
      replicas 2 int32
      updatedReplicas 3 int32
      readyReplicas 7 int32
      availableReplicas 4 int32
      unavailableReplicas 5 int32
      conditions 6 []DeploymentCondition patch=merge key=type map(type)
      collisionCount 8 int32
      terminatingReplicas 9 int32

    DeploymentCondition : 
      type! 1 string
      status! 2 string
      lastUpdateTime 6 Time
      lastTransitionTime 7 Time
      reason 4 string
      message 5 string

    ReplicaSet kind list : 
      metadata 1 meta.ObjectMeta
      spec 2 ReplicaSetSpec
      status 3 ReplicaSetStatus

    ReplicaSetSpec : 
      replicas 1 int32 =1
      minReadySeconds 4 int32
      selector! 2 meta.LabelSelector
      template 3 core.PodTemplateSpec

    ReplicaSetStatus : 
      replicas! 1 int32
      fullyLabeledReplicas 2 int32
      readyReplicas 4 int32
      availableReplicas 5 int32
      observedGeneration 3 int64
      conditions 6 []ReplicaSetCondition patch=merge key=type map(type)
      terminatingReplicas 7 int32

    ReplicaSetCondition : 
      type! 1 string
      status! 2 string
      lastTransitionTime 3 Time
      reason 4 string
      message 5 string

    package io.k8s.api.autoscaling.v1 autoscaling/v1

    Scale kind : 
      metadata 1 meta.ObjectMeta
      spec 2 ScaleSpec
      status 3 ScaleStatus

    ScaleSpec : 
      replicas 1 int32

    ScaleStatus : 
      replicas! 1 int32
      selector 2 string
    """#
}
