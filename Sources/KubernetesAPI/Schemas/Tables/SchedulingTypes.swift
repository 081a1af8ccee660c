extension SchemaTables {
  /// core/v1: affinity, tolerations and spreading.
  static let schedulingTypes = #"""
    package io.k8s.api.core.v1 v1

    Taint : 
      key! 1 string
      value 2 string
      effect! 3 string enum(NoExecute|NoSchedule|PreferNoSchedule)
      timeAdded 4 Time

    Affinity : 
      nodeAffinity 1 NodeAffinity
      podAffinity 2 PodAffinity
      podAntiAffinity 3 PodAntiAffinity

    NodeAffinity : 
      requiredDuringSchedulingIgnoredDuringExecution 1 NodeSelector
      preferredDuringSchedulingIgnoredDuringExecution 2 []PreferredSchedulingTerm atomic

    NodeSelector atomic : 
      nodeSelectorTerms! 1 []NodeSelectorTerm atomic

    NodeSelectorTerm atomic : 
      matchExpressions 1 []NodeSelectorRequirement atomic
      matchFields 2 []NodeSelectorRequirement atomic

    NodeSelectorRequirement : 
      key! 1 string
      operator! 2 string enum(DoesNotExist|Exists|Gt|In|Lt|NotIn)
      values 3 []string atomic

    PreferredSchedulingTerm : 
      weight! 1 int32
      preference! 2 NodeSelectorTerm

    PodAffinity : 
      requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm atomic
      preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm atomic

    PodAffinityTerm : 
      labelSelector 1 meta.LabelSelector
      namespaces 2 []string atomic
      topologyKey! 3 string
      namespaceSelector 4 meta.LabelSelector
      matchLabelKeys 5 []string atomic
      mismatchLabelKeys 6 []string atomic

    WeightedPodAffinityTerm : 
      weight! 1 int32
      podAffinityTerm! 2 PodAffinityTerm

    PodAntiAffinity : 
      requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm atomic
      preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm atomic

    Toleration : 
      key 1 string
      operator 2 string enum(Equal|Exists|Gt|Lt)
      value 3 string
      effect 4 string enum(NoExecute|NoSchedule|PreferNoSchedule)
      tolerationSeconds 5 int64

    TopologySpreadConstraint : 
      maxSkew! 1 int32
      topologyKey! 2 string
      whenUnsatisfiable! 3 string enum(DoNotSchedule|ScheduleAnyway)
      labelSelector 4 meta.LabelSelector
      minDomains 5 int32
      nodeAffinityPolicy 6 string enum(Honor|Ignore)
      nodeTaintsPolicy 7 string enum(Honor|Ignore)
      matchLabelKeys 8 []string atomic
    """#
}
