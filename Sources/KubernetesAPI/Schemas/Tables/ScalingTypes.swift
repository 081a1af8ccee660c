extension SchemaTables {
  /// autoscaling/v1 and v2, policy/v1, scheduling.k8s.io/v1.
  static let scalingTypes = #"""
    package io.k8s.api.autoscaling.v1 autoscaling/v1

    HorizontalPodAutoscaler kind list : Sets how many pods a workload has, by how busy they are.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 HorizontalPodAutoscalerSpec : What is wanted.
      status 3 HorizontalPodAutoscalerStatus : What is the case, as the system last saw it.

    CrossVersionObjectReference atomic : An object of this namespace.
      kind! 1 string : Its kind.
      name! 2 string : Its name.
      apiVersion 3 string : Its API version.

    HorizontalPodAutoscalerSpec : What is wanted of an autoscaler.
      scaleTargetRef! 1 CrossVersionObjectReference : The workload.
      minReplicas 2 int32 =1 : The least number of pods.
      maxReplicas! 3 int32 : The greatest.
      targetCPUUtilizationPercentage 4 int32 : How busy the pods' processors should be, in percent of what they asked for.

    HorizontalPodAutoscalerStatus : The state of an autoscaler.
      observedGeneration 1 int64 : The generation the controller has seen.
      lastScaleTime 2 Time : When it last changed the number.
      currentReplicas! 3 int32 : How many pods there are.
      desiredReplicas! 4 int32 : How many it wants.
      currentCPUUtilizationPercentage 5 int32 : How busy they are.

    package io.k8s.api.autoscaling.v2 autoscaling/v2

    HorizontalPodAutoscaler kind list : Sets how many pods a workload has, by what is measured of them.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 HorizontalPodAutoscalerSpec : What is wanted.
      status 3 HorizontalPodAutoscalerStatus : What is the case, as the system last saw it.

    CrossVersionObjectReference : An object of this namespace.
      kind! 1 string : Its kind.
      name! 2 string : Its name.
      apiVersion 3 string : Its API version.

    HorizontalPodAutoscalerSpec : What is wanted of an autoscaler.
      scaleTargetRef! 1 CrossVersionObjectReference : The workload.
      minReplicas 2 int32 =1 : The least number of pods.
      maxReplicas! 3 int32 : The greatest.
      metrics 4 []MetricSpec atomic : What is measured, and where it should be.
      behavior 5 HorizontalPodAutoscalerBehavior : How fast the number changes.

    MetricSpec : One measure, and where it should be.
      type! 1 string : Object, Pods, Resource, ContainerResource or External.
      object 2 ObjectMetricSource : Of one object.
      pods 3 PodsMetricSource : Of each pod.
      resource 4 ResourceMetricSource : Of the pods' resources.
      containerResource 7 ContainerResourceMetricSource : Of one container's resources in each pod.
      external 5 ExternalMetricSource : Of something outside.

    ObjectMetricSource : A measure of one object.
      describedObject! 1 CrossVersionObjectReference : The object.
      target! 2 MetricTarget : Where it should be.
      metric! 3 MetricIdentifier : Which measure.

    PodsMetricSource : A measure of each pod.
      metric! 1 MetricIdentifier : Which measure.
      target! 2 MetricTarget : Where it should be.

    ResourceMetricSource : A resource of the pods.
      name! 1 string : Which resource.
      target! 2 MetricTarget : Where it should be.

    ContainerResourceMetricSource : A resource of one container in each pod.
      name! 1 string : Which resource.
      target! 2 MetricTarget : Where it should be.
      container! 3 string : Of which container.

    ExternalMetricSource : A measure of something outside.
      metric! 1 MetricIdentifier : Which measure.
      target! 2 MetricTarget : Where it should be.

    MetricIdentifier : A measure by its name.
      name! 1 string : Its name.
      selector 2 meta.LabelSelector : Which series of it.

    MetricTarget : Where a measure should be.
      type! 1 string : Utilization, Value or AverageValue.
      value 2 Quantity : The value as a whole.
      averageValue 3 Quantity : The value for each pod.
      averageUtilization 4 int32 : The share of what was asked for, in percent.

    HorizontalPodAutoscalerBehavior : How fast the number of pods changes.
      scaleUp 1 HPAScalingRules : Upwards.
      scaleDown 2 HPAScalingRules : Downwards.

    HPAScalingRules : How fast the number changes in one direction.
      stabilizationWindowSeconds 3 int32 : For how long back the cautious choice counts.
      selectPolicy 1 string : Which policy counts: Max, Min or Disabled.
      policies 2 []HPAScalingPolicy atomic : The policies.
      tolerance 4 Quantity : How far a measure may be off before the number changes.

    HPAScalingPolicy : How much may change in a time.
      type! 1 string : Pods or Percent.
      value! 2 int32 : How many.
      periodSeconds! 3 int32 : In how many seconds.

    HorizontalPodAutoscalerStatus : The state of an autoscaler.
      observedGeneration 1 int64 : The generation the controller has seen.
      lastScaleTime 2 Time : When it last changed the number.
      currentReplicas 3 int32 : How many pods there are.
      desiredReplicas! 4 int32 : How many it wants.
      currentMetrics 5 []MetricStatus atomic : What was measured.
      conditions 6 []HorizontalPodAutoscalerCondition merge(type) map(type) : How the autoscaler is.

    HorizontalPodAutoscalerCondition : One aspect of an autoscaler's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastTransitionTime 3 Time : When the status last changed.
      reason 4 string : A word for why it changed.
      message 5 string : Why it changed, for people.

    MetricStatus : One measure as it is.
      type! 1 string : Object, Pods, Resource, ContainerResource or External.
      object 2 ObjectMetricStatus : Of one object.
      pods 3 PodsMetricStatus : Of each pod.
      resource 4 ResourceMetricStatus : Of the pods' resources.
      containerResource 7 ContainerResourceMetricStatus : Of one container's resources in each pod.
      external 5 ExternalMetricStatus : Of something outside.

    ObjectMetricStatus : A measure of one object, as it is.
      metric! 1 MetricIdentifier : Which measure.
      current! 2 MetricValueStatus : Its value.
      describedObject! 3 CrossVersionObjectReference : The object.

    PodsMetricStatus : A measure of each pod, as it is.
      metric! 1 MetricIdentifier : Which measure.
      current! 2 MetricValueStatus : Its value.

    ResourceMetricStatus : A resource of the pods, as it is.
      name! 1 string : Which resource.
      current! 2 MetricValueStatus : Its value.

    ContainerResourceMetricStatus : A resource of one container in each pod, as it is.
      name! 1 string : Which resource.
      current! 2 MetricValueStatus : Its value.
      container! 3 string : Of which container.

    ExternalMetricStatus : A measure of something outside, as it is.
      metric! 1 MetricIdentifier : Which measure.
      current! 2 MetricValueStatus : Its value.

    MetricValueStatus : What was measured.
      value 1 Quantity : The value as a whole.
      averageValue 2 Quantity : The value for each pod.
      averageUtilization 3 int32 : The share of what was asked for, in percent.

    package io.k8s.api.policy.v1 policy/v1

    PodDisruptionBudget kind list : How many of some pods may be taken away at a time.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 PodDisruptionBudgetSpec : What is wanted.
      status 3 PodDisruptionBudgetStatus : What is the case, as the system last saw it.

    PodDisruptionBudgetSpec : What is wanted of a disruption budget.
      minAvailable 1 IntOrString : How many pods must stay, as a number or a percentage.
      selector 2 meta.LabelSelector replace : Which pods.
      maxUnavailable 3 IntOrString : How many pods may be missing, as a number or a percentage.
      unhealthyPodEvictionPolicy 4 string : When pods that are not ready may go: IfHealthyBudget or AlwaysAllow.

    PodDisruptionBudgetStatus : The state of a disruption budget.
      observedGeneration 1 int64 : The generation the controller has seen.
      disruptedPods 2 {}Time : Pods that were let go and are not gone yet, with the time.
      disruptionsAllowed! 3 int32 : How many pods may go now.
      currentHealthy! 4 int32 : How many pods are ready.
      desiredHealthy! 5 int32 : How many must be.
      expectedPods! 6 int32 : How many there are in all.
      conditions 7 []meta.Condition merge(type) map(type) : How the budget is.

    package io.k8s.api.scheduling.v1 scheduling.k8s.io/v1

    PriorityClass kind list : A name for how much pods matter.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      value! 2 int32 : The priority; higher matters more.
      globalDefault 3 bool : Whether it counts for pods that name none.
      description 4 string : When it is to be used.
      preemptionPolicy 5 string ="PreemptLowerPriority" : Whether such pods push others out, or Never.
    """#
}
