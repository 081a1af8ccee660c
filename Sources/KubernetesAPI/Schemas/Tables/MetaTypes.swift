extension SchemaTables {
  /// Metadata, selectors, status, options and discovery of meta/v1.
  static let metaTypes = #"""
    package io.k8s.apimachinery.pkg.apis.meta.v1 v1

    ObjectMeta : What every stored object carries.
      name 1 string : The object's name, unique among objects of its kind in its namespace.
      generateName 2 string : Prefix of a name that the server makes up where none is given.
      namespace 3 string : The namespace the object lies in.
      selfLink 4 string : No longer filled.
      uid 5 string : Identity given by the server; never used twice.
      resourceVersion 6 string : Changes with every write; for conflicts and watches.
      generation 7 int64 : Counts the changes of the specification.
      creationTimestamp 8 Time : When the object was made.
      deletionTimestamp 9 Time : When the object is to be gone, once its removal was asked for.
      deletionGracePeriodSeconds 10 int64 : Seconds the object has to end in good order.
      labels 11 {}string : Short texts to select and group objects by.
      annotations 12 {}string : Texts of any use that nothing is selected by.
      ownerReferences 13 []OwnerReference merge(uid) map(uid) : The objects this one belongs to and goes with.
      finalizers 14 []string merge set : Who still has work to do before the object may go.
      managedFields 17 []ManagedFieldsEntry atomic : Which manager set which fields, for server-side apply.

    OwnerReference atomic : An object in the same namespace (or of the cluster) that owns this one.
      apiVersion! 5 string : The owner's API version.
      kind! 1 string : The owner's kind.
      name! 3 string : The owner's name.
      uid! 4 string : The owner's identity.
      controller 6 bool : Whether the owner controls this object; one owner at most does.
      blockOwnerDeletion 7 bool : Whether the owner's foreground removal waits for this object.

    ManagedFieldsEntry : The fields one manager has set.
      manager 1 string : Who set them.
      operation 2 string : Apply or Update.
      apiVersion 3 string : The API version the fields are named in.
      time 4 Time : When it last set them.
      fieldsType 6 string : The format of fieldsV1.
      fieldsV1 7 FieldsV1 : The set of fields.
      subresource 8 string : The subresource they were set through, if any.

    LabelSelector atomic : Chooses objects by their labels; all conditions must hold, none chooses everything.
      matchLabels 1 {}string : Labels that must have these values.
      matchExpressions 2 []LabelSelectorRequirement atomic : Conditions on labels.

    LabelSelectorRequirement : A condition on one label.
      key! 1 string : The label.
      operator! 2 string enum(DoesNotExist|Exists|In|NotIn) : In, NotIn, Exists or DoesNotExist.
      values 3 []string atomic : What In and NotIn compare with.

    Condition : One aspect of an object's state.
      type! 1 string : Which aspect.
      status! 2 string enum(False|True|Unknown) : True, False or Unknown.
      observedGeneration 3 int64 : The generation this was judged by.
      lastTransitionTime! 4 Time : When the status last changed.
      reason! 5 string : A word for why it changed.
      message! 6 string : Why it changed, for people.

    DeleteOptions kind : How an object is to be removed.
      gracePeriodSeconds 1 int64 : Seconds until it is gone; 0 is at once.
      preconditions 2 Preconditions : What must be true of the object, else nothing is done.
      orphanDependents 3 bool : Outdated; use propagationPolicy.
      propagationPolicy 4 string : What becomes of dependents: Orphan, Background or Foreground.
      dryRun 5 []string atomic : All: do everything but keep the change.
      ignoreStoreReadErrorWithClusterBreakingPotential 6 bool : Remove even an object that cannot be read; dangerous.

    Preconditions : What must be true of an object before it is changed.
      uid 1 string : Its identity.
      resourceVersion 2 string : Its resource version.

    ListMeta : What every list carries.
      selfLink 1 string : No longer filled.
      resourceVersion 2 string : The version of the collection, to watch from.
      continue 3 string : Where the next page begins.
      remainingItemCount 4 int64 : How many objects follow, roughly.
      shardInfo 0 ShardInfo : Which part of the collection the list holds.

    ShardInfo : A part of a collection.
      selector! 0 string : What the part is chosen by.

    Status kind : The outcome of a request that answers with no object.
      metadata 1 ListMeta : Name, labels and the like.
      status 2 string : Success or Failure.
      message 3 string : What happened, for people.
      reason 4 string : What happened, in a word.
      details 5 StatusDetails : More on the reason.
      code 6 int32 : The HTTP status code.

    StatusDetails : What a failure is about.
      name 1 string : The object's name.
      group 2 string : The object's API group.
      kind 3 string : The object's kind or resource.
      uid 6 string : The object's identity.
      causes 4 []StatusCause atomic : The single faults.
      retryAfterSeconds 5 int32 : When to try again.

    StatusCause : One fault.
      reason 1 string : The fault, in a word.
      message 2 string : The fault, for people.
      field 3 string : Where in the object it is.

    WatchEvent : One change that a watch reports.
      type! 1 string : ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.
      object! 2 raw : The object as it is after the change, or a Status.

    APIResourceList kind : The resources of one group version.
      groupVersion! 1 string : The group version.
      resources! 2 []APIResource atomic : The resources and their subresources.

    APIResource : What clients need to know of a resource.
      name! 1 string : The name in paths.
      singularName! 6 string : The name of one.
      namespaced! 2 bool : Whether its objects lie in namespaces.
      group 8 string : The kind's group, where it differs from the list's.
      version 9 string : The kind's version, where it differs from the list's.
      kind! 3 string : The kind of its objects.
      verbs! 4 strings : What may be done.
      shortNames 5 []string atomic : Names to type.
      categories 7 []string atomic : Groups of resources to type, such as all.
      storageVersionHash 10 string : Changes with the version that is stored.

    APIGroupList kind : The API groups that are served.
      groups! 1 []APIGroup atomic : The groups.

    APIGroup kind : An API group.
      name! 1 string : Its name.
      versions! 2 []GroupVersionForDiscovery atomic : Its versions.
      preferredVersion 3 GroupVersionForDiscovery : The version to use where all will do.
      serverAddressByClientCIDRs 4 []ServerAddressByClientCIDR atomic : Where clients reach the server.

    GroupVersionForDiscovery : A version of a group.
      groupVersion! 1 string : Group and version.
      version! 2 string : The version alone.

    ServerAddressByClientCIDR : Where clients of some addresses reach the server.
      clientCIDR! 1 string : The clients' addresses.
      serverAddress! 2 string : The server's address.

    APIVersions kind : The versions of the core API.
      versions! 1 []string atomic : The versions.
      serverAddressByClientCIDRs! 2 []ServerAddressByClientCIDR atomic : Where clients reach the server.

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

    package io.k8s.apimachinery.pkg.apis.meta.v1 meta.k8s.io/v1

    PartialObjectMetadata kind list : An object of any kind without what is its kind's own.
      metadata 1 ObjectMeta : Name, labels and the like.
    """#
}
