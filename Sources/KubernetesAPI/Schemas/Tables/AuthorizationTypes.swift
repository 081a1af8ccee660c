extension SchemaTables {
  /// rbac.authorization.k8s.io/v1 and authorization.k8s.io/v1: who may do what.
  static let authorizationTypes = #"""
    package io.k8s.api.rbac.v1 rbac.authorization.k8s.io/v1

    PolicyRule : What may be done.
      verbs! 1 []string atomic : The verbs; * for all.
      apiGroups 2 []string atomic : The API groups; * for all.
      resources 3 []string atomic : The resources; * for all.
      resourceNames 4 []string atomic : Only objects of these names.
      nonResourceURLs 5 []string atomic : Paths that are no resource's; * at the end stands for the rest.

    Subject atomic : Somebody.
      kind! 1 string : User, Group or ServiceAccount.
      apiGroup 2 string : The API group of the kind.
      name! 3 string : The name.
      namespace 4 string : The namespace of a service account.

    RoleRef atomic : A role.
      apiGroup 1 string : Its API group.
      kind! 2 string : Role or ClusterRole.
      name! 3 string : Its name.

    Role kind list : What may be done in a namespace.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      rules 2 []PolicyRule atomic : The rules.

    RoleBinding kind list : Who has a role in a namespace.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      subjects 2 []Subject atomic : Who.
      roleRef! 3 RoleRef : The role; fixed once it is made.

    ClusterRole kind list : What may be done, anywhere or to what has no namespace.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      rules 2 []PolicyRule atomic : The rules.
      aggregationRule 3 AggregationRule : Other roles whose rules it takes over.

    AggregationRule : Other roles whose rules a role takes over.
      clusterRoleSelectors 1 []meta.LabelSelector atomic : Which roles.

    ClusterRoleBinding kind list : Who has a role everywhere.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      subjects 2 []Subject atomic : Who.
      roleRef! 3 RoleRef : The role; fixed once it is made.

    package io.k8s.api.authorization.v1 authorization.k8s.io/v1

    SubjectAccessReview kind : Asks whether somebody may do something.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 SubjectAccessReviewSpec : What is asked.
      status 3 SubjectAccessReviewStatus : The answer.

    LocalSubjectAccessReview kind : Asks whether somebody may do something in this namespace.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 SubjectAccessReviewSpec : What is asked.
      status 3 SubjectAccessReviewStatus : The answer.

    SelfSubjectAccessReview kind : Asks whether the one who asks may do something.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 SelfSubjectAccessReviewSpec : What is asked.
      status 3 SubjectAccessReviewStatus : The answer.

    SelfSubjectRulesReview kind : Asks what the one who asks may do in a namespace.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 SelfSubjectRulesReviewSpec : What is asked.
      status 3 SubjectRulesReviewStatus : The answer.

    SubjectAccessReviewSpec : Who is to do what.
      resourceAttributes 1 ResourceAttributes : The resource it is about.
      nonResourceAttributes 2 NonResourceAttributes : The path it is about, where it is no resource's.
      user 3 string : Who.
      groups 4 []string atomic : Their groups.
      extra 5 {}strings : More that is known of them.
      uid 6 string : Their identity.

    SelfSubjectAccessReviewSpec : What is to be done.
      resourceAttributes 1 ResourceAttributes : The resource it is about.
      nonResourceAttributes 2 NonResourceAttributes : The path it is about, where it is no resource's.

    ResourceAttributes : What is to be done to which resource.
      namespace 1 string : The namespace; all where it is empty.
      verb 2 string : The verb.
      group 3 string : The API group.
      version 4 string : The version.
      resource 5 string : The resource.
      subresource 6 string : The part of it.
      name 7 string : The object; all where it is empty.
      fieldSelector 8 FieldSelectorAttributes : Only these, by their fields.
      labelSelector 9 LabelSelectorAttributes : Only these, by their labels.

    FieldSelectorAttributes : A field selector.
      rawSelector 1 string : As text.
      requirements 2 []meta.FieldSelectorRequirement atomic : As conditions.

    LabelSelectorAttributes : A label selector.
      rawSelector 1 string : As text.
      requirements 2 []meta.LabelSelectorRequirement atomic : As conditions.

    NonResourceAttributes : What is to be done to which path.
      path 1 string : The path.
      verb 2 string : The verb.

    SubjectAccessReviewStatus : Whether it is allowed.
      allowed! 1 bool : Whether it is.
      reason 2 string : Why.
      evaluationError 3 string : What went wrong meanwhile.
      denied 4 bool : Whether it is refused whatever others say.

    SelfSubjectRulesReviewSpec : Where.
      namespace 1 string : The namespace.

    SubjectRulesReviewStatus : What may be done.
      resourceRules! 1 []ResourceRule atomic : To resources.
      nonResourceRules! 2 []NonResourceRule atomic : To other paths.
      incomplete! 3 bool : Whether more may be allowed than is listed.
      evaluationError 4 string : What went wrong meanwhile.

    ResourceRule : What may be done to resources.
      verbs! 1 []string atomic : The verbs.
      apiGroups 2 []string atomic : The API groups.
      resources 3 []string atomic : The resources.
      resourceNames 4 []string atomic : Only objects of these names.

    NonResourceRule : What may be done to other paths.
      verbs! 1 []string atomic : The verbs.
      nonResourceURLs 2 []string atomic : The paths.

    package io.k8s.apimachinery.pkg.apis.meta.v1 v1

    FieldSelectorRequirement : A condition on one field.
      key! 1 string : The field.
      operator! 2 string : In, NotIn, Exists or DoesNotExist.
      values 3 []string atomic : What is compared with.
    """#
}
