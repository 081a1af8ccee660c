extension SchemaTables {
  /// core/v1: how much a namespace may hold.
  static let quotaTypes = #"""
    package io.k8s.api.core.v1 v1

    ResourceQuota kind list : How much a namespace may hold in all.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 ResourceQuotaSpec : What is wanted.
      status 3 ResourceQuotaStatus : What is the case, as the system last saw it.

    ResourceQuotaSpec : How much is allowed of what.
      hard 1 {}Quantity : The limits.
      scopes 2 []string atomic : Only objects of these sorts count.
      scopeSelector 3 ScopeSelector : The same, with conditions.

    ScopeSelector atomic : Which objects count.
      matchExpressions 1 []ScopedResourceSelectorRequirement atomic : Conditions that must all hold.

    ScopedResourceSelectorRequirement : A condition on one scope.
      scopeName! 1 string : The scope.
      operator! 2 string : In, NotIn, Exists or DoesNotExist.
      values 3 []string atomic : What is compared with.

    ResourceQuotaStatus : How much there is.
      hard 1 {}Quantity : The limits in force.
      used 2 {}Quantity : How much is used.

    LimitRange kind list : How large the objects of a namespace may be, each.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 LimitRangeSpec : What is wanted.

    LimitRangeSpec : The limits.
      limits! 1 []LimitRangeItem atomic : The limits, by the sort of object.

    LimitRangeItem : The limits of one sort of object.
      type! 1 string : Container, Pod or PersistentVolumeClaim.
      max 2 {}Quantity : The most that may be asked for or allowed.
      min 3 {}Quantity : The least.
      default 4 {}Quantity : What a container may use where nothing is said.
      defaultRequest 5 {}Quantity : What a container asks for where nothing is said.
      maxLimitRequestRatio 6 {}Quantity : How many times the request the limit may be.
    """#
}
