extension SchemaTables {
  /// Metadata, selectors, status, options and discovery of meta/v1.
  static let metaTypes = #"""
    package io.k8s.apimachinery.pkg.apis.meta.v1 v1

    ObjectMeta : 
      name 1 string
      generateName 2 string
      namespace 3 string
      selfLink 4 string
      uid 5 string
      resourceVersion 6 string
      generation 7 int64
      creationTimestamp 8 Time
      deletionTimestamp 9 Time
      deletionGracePeriodSeconds 10 int64
      labels 11 {}string
      annotations 12 {}string
      ownerReferences 13 []OwnerReference patch=merge key=uid map(uid)
      finalizers 14 []string patch=merge set
      managedFields 17 []ManagedFieldsEntry atomic

    OwnerReference atomic : 
      apiVersion! 5 string
      kind! 1 string
      name! 3 string
      uid! 4 string
      controller 6 bool
      blockOwnerDeletion 7 bool

    ManagedFieldsEntry : 
      manager 1 string
      operation 2 string
      apiVersion 3 string
      time 4 Time
      fieldsType 6 string
      fieldsV1 7 FieldsV1
      subresource 8 string

    LabelSelector atomic : 
      matchLabels 1 {}string
      matchExpressions 2 []LabelSelectorRequirement atomic

    LabelSelectorRequirement : 
      key! 1 string
      operator! 2 string enum(DoesNotExist|Exists|In|NotIn)
      values 3 []string atomic

    Condition : 
      type! 1 string
      status! 2 string enum(False|True|Unknown)
      observedGeneration 3 int64
      lastTransitionTime! 4 Time
      reason! 5 string
      message! 6 string

    DeleteOptions kind : 
      gracePeriodSeconds 1 int64
      preconditions 2 Preconditions
      orphanDependents 3 bool
      propagationPolicy 4 string
      dryRun 5 []string atomic
      ignoreStoreReadErrorWithClusterBreakingPotential 6 bool

    Preconditions : 
      uid 1 string
      resourceVersion 2 string

    ListMeta : 
      selfLink 1 string
      resourceVersion 2 string
      continue 3 string
      remainingItemCount 4 int64
      shardInfo 0 ShardInfo

    ShardInfo : 
      selector! 0 string

    Status kind : 
      metadata 1 ListMeta
      status 2 string
      message 3 string
      reason 4 string
      details 5 StatusDetails
      code 6 int32

    StatusDetails : 
      name 1 string
      group 2 string
      kind 3 string
      uid 6 string
      causes 4 []StatusCause atomic
      retryAfterSeconds 5 int32

    StatusCause : 
      reason 1 string
      message 2 string
      field 3 string

    WatchEvent : 
      type! 1 string
      object! 2 raw

    APIResourceList kind : 
      groupVersion! 1 string
      resources! 2 []APIResource atomic

    APIResource : 
      name! 1 string
      singularName! 6 string
      namespaced! 2 bool
      group 8 string
      version 9 string
      kind! 3 string
      verbs! 4 strings
      shortNames 5 []string atomic
      categories 7 []string atomic
      storageVersionHash 10 string

    APIGroupList kind : 
      groups! 1 []APIGroup atomic

    APIGroup kind : 
      name! 1 string
      versions! 2 []GroupVersionForDiscovery atomic
      preferredVersion 3 GroupVersionForDiscovery
      serverAddressByClientCIDRs 4 []ServerAddressByClientCIDR atomic

    GroupVersionForDiscovery : 
      groupVersion! 1 string
      version! 2 string

    ServerAddressByClientCIDR : 
      clientCIDR! 1 string
      serverAddress! 2 string

    APIVersions kind : 
      versions! 1 []string atomic
      serverAddressByClientCIDRs! 2 []ServerAddressByClientCIDR atomic

    Table kind : Objects shown as rows of columns.
      metadata 0 ListMeta : Metadata of the list.
      columnDefinitions! 0 []TableColumnDefinition atomic : The columns, in the order of the cells.
      rows! 0 []TableRow atomic : The rows.

    TableColumnDefinition : A column of a table.
      name! 0 string : The heading.
      type! 0 string : The OpenAPI type of its cells.
      format! 0 string : A refinement of the type, such as name.
      description! 0 string : What the column tells.
      priority! 0 int32 : 0 for columns that are always shown, more for those of wide output.

    TableRow : A row of a table.
      cells! 0 []raw atomic : One value per column.
      conditions 0 []TableRowCondition atomic : What is special about the row's object.
      object 0 raw : The object, its metadata or nothing, as asked for.

    TableRowCondition : Something special about a row's object.
      type! 0 string : The kind of condition.
      status! 0 string : True, False or Unknown.
      reason 0 string : A word for the cause.
      message 0 string : The cause in words.
    """#
}
