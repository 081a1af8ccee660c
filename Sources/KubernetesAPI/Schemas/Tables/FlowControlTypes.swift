extension SchemaTables {
  /// flowcontrol.apiserver.k8s.io/v1: how requests share the server.
  static let flowControlTypes = #"""
    package io.k8s.api.flowcontrol.v1 flowcontrol.apiserver.k8s.io/v1

    FlowSchema kind list : Which requests belong together, and how urgent they are.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 FlowSchemaSpec : What is wanted.
      status 3 FlowSchemaStatus : What is the case, as the system last saw it.

    FlowSchemaSpec : Which requests belong together.
      priorityLevelConfiguration! 1 PriorityLevelConfigurationReference : How urgent they are.
      matchingPrecedence 2 int32 =1000 : Of the schemas that fit a request the one with the least counts.
      distinguisherMethod 3 FlowDistinguisherMethod : What tells the flows of a schema apart; nothing, where it is left out.
      rules 4 []PolicyRulesWithSubjects atomic : Which requests these are; one rule has to fit.

    PriorityLevelConfigurationReference : A priority level by its name.
      name! 1 string : The name.

    FlowDistinguisherMethod : What tells flows apart.
      type! 1 string enum(ByNamespace|ByUser) : ByUser or ByNamespace.

    PolicyRulesWithSubjects : Requests of some for something.
      subjects! 1 []Subject atomic : Whose requests.
      resourceRules 2 []ResourcePolicyRule atomic : Requests for resources.
      nonResourceRules 3 []NonResourcePolicyRule atomic : Requests for other paths.

    Subject : Whose requests.
      kind! 1 string : User, Group or ServiceAccount.
      user 2 UserSubject : A user.
      group 3 GroupSubject : A group.
      serviceAccount 4 ServiceAccountSubject : A ServiceAccount.

    UserSubject : A user.
      name! 1 string : The name, or an asterisk for all.

    GroupSubject : A group.
      name! 1 string : The name, or an asterisk for all.

    ServiceAccountSubject : A ServiceAccount.
      namespace! 1 string : Its namespace.
      name! 2 string : Its name, or an asterisk for all of the namespace.

    ResourcePolicyRule : Requests for resources.
      verbs! 1 []string set : What is done, or an asterisk.
      apiGroups! 2 []string set : In which groups, or an asterisk.
      resources! 3 []string set : To what, such as pods or pods/log, or an asterisk.
      clusterScope 4 bool : Whether requests without a namespace fit.
      namespaces 5 []string set : In which namespaces, or an asterisk.

    NonResourcePolicyRule : Requests for paths that are no resources'.
      verbs! 1 []string set : What is done, or an asterisk.
      nonResourceURLs! 6 []string set : The paths; with /* at its end one means those below it.

    FlowSchemaStatus : The state of a schema.
      conditions 1 []FlowSchemaCondition merge(type) map(type) : How the schema is.

    FlowSchemaCondition : One aspect of a schema's state.
      type 1 string : Which aspect.
      status 2 string : True, False or Unknown.
      lastTransitionTime 3 Time : When the status last changed.
      reason 4 string : A word for why it changed.
      message 5 string : Why it changed, for people.

    PriorityLevelConfiguration kind list : How much of the server some requests may have.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 PriorityLevelConfigurationSpec : What is wanted.
      status 3 PriorityLevelConfigurationStatus : What is the case, as the system last saw it.

    PriorityLevelConfigurationSpec : How much of the server a level has.
      type! 1 string : Exempt or Limited.
      limited 2 LimitedPriorityLevelConfiguration : What a limited level has.
      exempt 3 ExemptPriorityLevelConfiguration : What an exempt level leaves to others.

    LimitedPriorityLevelConfiguration : What a limited level has.
      nominalConcurrencyShares 1 int32 =30 : Its share of the requests that are served at a time.
      limitResponse 2 LimitResponse : What becomes of requests beyond that.
      lendablePercent 3 int32 =0 : How much of its share others may use while it does not.
      borrowingLimitPercent 4 int32 : How much it may use of others', in percent of its share; no bound where it is left out.

    LimitResponse : What becomes of requests that have to wait.
      type! 1 string : Queue or Reject.
      queuing 2 QueuingConfiguration : How they wait.

    QueuingConfiguration : How requests wait.
      queues 1 int32 =64 : How many queues there are.
      handSize 2 int32 =8 : How many of them a flow may choose from.
      queueLengthLimit 3 int32 =50 : How many requests may wait in one.

    ExemptPriorityLevelConfiguration : What an exempt level leaves to others.
      nominalConcurrencyShares 1 int32 =0 : The share that is reckoned for it.
      lendablePercent 2 int32 =0 : How much of that others may use.

    PriorityLevelConfigurationStatus : The state of a level.
      conditions 1 []PriorityLevelConfigurationCondition merge(type) map(type) : How the level is.

    PriorityLevelConfigurationCondition : One aspect of a level's state.
      type 1 string : Which aspect.
      status 2 string : True, False or Unknown.
      lastTransitionTime 3 Time : When the status last changed.
      reason 4 string : A word for why it changed.
      message 5 string : Why it changed, for people.
    """#
}
