extension SchemaTables {
  /// core/v1: affinity, tolerations and spreading.
  static let schedulingTypes = #"""
    package io.k8s.api.core.v1 v1

    Taint : What keeps pods off a node that do not tolerate it.
      key! 1 string : The taint.
      value 2 string : Its value.
      effect! 3 string enum(NoExecute|NoSchedule|PreferNoSchedule)
        : What it does: NoSchedule, PreferNoSchedule or NoExecute.
      timeAdded 4 Time : Since when.

    Affinity : What a pod keeps close to.
      nodeAffinity 1 NodeAffinity : Nodes.
      podAffinity 2 PodAffinity : Pods it wants near.
      podAntiAffinity 3 PodAntiAffinity : Pods it wants far.

    NodeAffinity : Which nodes a pod wants.
      requiredDuringSchedulingIgnoredDuringExecution 1 NodeSelector : What the node must have.
      preferredDuringSchedulingIgnoredDuringExecution 2 []PreferredSchedulingTerm atomic : What the node should have.

    NodeSelector atomic : Chooses nodes; one of the terms must hold.
      nodeSelectorTerms! 1 []NodeSelectorTerm atomic : The terms.

    NodeSelectorTerm atomic : Conditions on a node that must all hold.
      matchExpressions 1 []NodeSelectorRequirement atomic : Conditions on labels.
      matchFields 2 []NodeSelectorRequirement atomic : Conditions on fields.

    NodeSelectorRequirement : A condition on one label or field.
      key! 1 string : The label or field.
      operator! 2 string enum(DoesNotExist|Exists|Gt|In|Lt|NotIn) : In, NotIn, Exists, DoesNotExist, Gt or Lt.
      values 3 []string atomic : What is compared with.

    PreferredSchedulingTerm : A wish for nodes, and how much it counts.
      weight! 1 int32 : 1 to 100.
      preference! 2 NodeSelectorTerm : The wish.

    PodAffinity : Which pods are wanted near.
      requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm atomic : What must hold.
      preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm atomic : What should hold.

    PodAffinityTerm : Some pods, and how near is meant.
      labelSelector 1 meta.LabelSelector : Which pods.
      namespaces 2 []string atomic : In which namespaces; in this one where nothing is said.
      topologyKey! 3 string : The node label whose value near nodes share.
      namespaceSelector 4 meta.LabelSelector : In which namespaces, by their labels.
      matchLabelKeys 5 []string atomic : Labels in which the pods must agree with this one.
      mismatchLabelKeys 6 []string atomic : Labels in which the pods must differ from this one.

    WeightedPodAffinityTerm : A wish, and how much it counts.
      weight! 1 int32 : 1 to 100.
      podAffinityTerm! 2 PodAffinityTerm : The wish.

    PodAntiAffinity : Which pods are wanted far.
      requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm atomic : What must hold.
      preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm atomic : What should hold.

    Toleration : A taint a pod puts up with.
      key 1 string : The taint; all where empty.
      operator 2 string enum(Equal|Exists|Gt|Lt) : Equal or Exists.
      value 3 string : The taint's value, for Equal.
      effect 4 string enum(NoExecute|NoSchedule|PreferNoSchedule) : The taint's effect; all where empty.
      tolerationSeconds 5 int64 : How long NoExecute is put up with.

    TopologySpreadConstraint : How evenly pods spread.
      maxSkew! 1 int32 : How many more pods one place may have than another.
      topologyKey! 2 string : The node label whose values are the places.
      whenUnsatisfiable! 3 string enum(DoNotSchedule|ScheduleAnyway) : DoNotSchedule or ScheduleAnyway.
      labelSelector 4 meta.LabelSelector : Which pods are counted.
      minDomains 5 int32 : How many places there should be.
      nodeAffinityPolicy 6 string enum(Honor|Ignore) : Whether nodes the pod does not want count.
      nodeTaintsPolicy 7 string enum(Honor|Ignore) : Whether nodes the pod does not tolerate count.
      matchLabelKeys 8 []string atomic : Labels in which counted pods agree with this one.
    """#
}
