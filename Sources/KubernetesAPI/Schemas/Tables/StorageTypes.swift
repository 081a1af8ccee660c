extension SchemaTables {
  /// core/v1 and storage.k8s.io/v1: volumes that outlive pods.
  static let storageTypes = #"""
    package io.k8s.api.core.v1 v1

    PersistentVolumeClaim kind list : Asks for a volume.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 PersistentVolumeClaimSpec : What is wanted.
      status 3 PersistentVolumeClaimStatus : What is the case, as the system last saw it.

    PersistentVolumeClaimStatus : The state of a claim.
      phase 1 string enum(Bound|Lost|Pending) : Pending, Bound or Lost.
      accessModes 2 []string atomic : How the volume may be mounted.
      capacity 3 {}Quantity : How large it is.
      conditions 4 []PersistentVolumeClaimCondition merge(type) map(type) : How the claim is.
      allocatedResources 5 {}Quantity : How large it is becoming.
      allocatedResourceStatuses 7 {}string granular : How far that has come.
      currentVolumeAttributesClassName 8 string : What qualities it has.
      modifyVolumeStatus 9 ModifyVolumeStatus : How a change of the qualities goes.

    ModifyVolumeStatus : How a change of a volume's qualities goes.
      targetVolumeAttributesClassName 1 string : The qualities it is getting.
      status! 2 string : Pending, InProgress or Infeasible.

    PersistentVolumeClaimCondition : One aspect of a claim's state.
      type! 1 string : Which aspect.
      status! 2 string : True, False or Unknown.
      lastProbeTime 3 Time : When this was last looked at.
      lastTransitionTime 4 Time : When the status last changed.
      reason 5 string : A word for why it changed.
      message 6 string : Why it changed, for people.

    PersistentVolume kind list : A volume that is there.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec 2 PersistentVolumeSpec : What is wanted.
      status 3 PersistentVolumeStatus : What is the case, as the system last saw it.

    PersistentVolumeSpec : What a volume is.
      capacity 1 {}Quantity : How large it is.
      inline 2 PersistentVolumeSource
      accessModes 3 []string atomic : How it may be mounted.
      claimRef 4 ObjectReference granular : The claim that has it.
      persistentVolumeReclaimPolicy 5 string ="Retain" enum(Delete|Recycle|Retain)
        : What becomes of it when the claim is gone.
      storageClassName 6 string : What kind of storage it is.
      mountOptions 7 []string atomic : Options of the mount.
      volumeMode 8 string ="Filesystem" enum(Block|Filesystem) : Filesystem or Block.
      nodeAffinity 9 VolumeNodeAffinity : Which nodes reach it.
      volumeAttributesClassName 10 string : What qualities it has.

    VolumeNodeAffinity : Which nodes reach a volume.
      required 1 NodeSelector : The nodes.

    PersistentVolumeSource : Where a volume is.
      gcePersistentDisk 1 GCEPersistentDiskVolumeSource : No longer in use.
      awsElasticBlockStore 2 AWSElasticBlockStoreVolumeSource : No longer in use.
      hostPath 3 HostPathVolumeSource : A path of the node.
      glusterfs 4 GlusterfsPersistentVolumeSource : No longer in use.
      nfs 5 NFSVolumeSource : An NFS share.
      rbd 6 RBDPersistentVolumeSource : No longer in use.
      iscsi 7 ISCSIPersistentVolumeSource : An iSCSI disk.
      cinder 8 CinderPersistentVolumeSource : No longer in use.
      cephfs 9 CephFSPersistentVolumeSource : No longer in use.
      fc 10 FCVolumeSource : A Fibre Channel disk.
      flocker 11 FlockerVolumeSource : No longer in use.
      flexVolume 12 FlexPersistentVolumeSource : No longer in use.
      azureFile 13 AzureFilePersistentVolumeSource : No longer in use.
      vsphereVolume 14 VsphereVirtualDiskVolumeSource : No longer in use.
      quobyte 15 QuobyteVolumeSource : No longer in use.
      azureDisk 16 AzureDiskVolumeSource : No longer in use.
      photonPersistentDisk 17 PhotonPersistentDiskVolumeSource : No longer in use.
      portworxVolume 18 PortworxVolumeSource : No longer in use.
      scaleIO 19 ScaleIOPersistentVolumeSource : No longer in use.
      local 20 LocalVolumeSource : A disk of one node.
      storageos 21 StorageOSPersistentVolumeSource : No longer in use.
      csi 22 CSIPersistentVolumeSource : A volume of a storage driver.

    LocalVolumeSource : A disk of one node.
      path! 1 string : Where it is.
      fsType 2 string : The file system.

    CSIPersistentVolumeSource : A volume of a storage driver.
      driver! 1 string : The driver.
      volumeHandle! 2 string : What the driver calls it.
      readOnly 3 bool : Whether it may only be read.
      fsType 4 string : The file system.
      volumeAttributes 5 {}string : What to tell the driver.
      controllerPublishSecretRef 6 SecretReference : A secret for attaching.
      nodeStageSecretRef 7 SecretReference : A secret for preparing it on a node.
      nodePublishSecretRef 8 SecretReference : A secret for mounting.
      controllerExpandSecretRef 9 SecretReference : A secret for growing it.
      nodeExpandSecretRef 10 SecretReference : A secret for growing it on a node.

    SecretReference atomic : A secret of any namespace.
      name 1 string : Its name.
      namespace 2 string : Its namespace.

    ISCSIPersistentVolumeSource : An iSCSI disk.
      targetPortal! 1 string : The portal.
      iqn! 2 string : The target.
      lun! 3 int32 : The number of the disk.
      iscsiInterface 4 string ="default" : The interface.
      fsType 5 string : The file system.
      readOnly 6 bool : Whether it may only be read.
      portals 7 []string atomic : More portals.
      chapAuthDiscovery 8 bool : Whether finding needs a password.
      chapAuthSession 11 bool : Whether a session does.
      secretRef 10 SecretReference : The secret with it.
      initiatorName 12 string : The name of this side.

    GlusterfsPersistentVolumeSource : No longer in use.
      endpoints! 1 string : The endpoints.
      path! 2 string : The volume.
      readOnly 3 bool : Whether it may only be read.
      endpointsNamespace 4 string : Their namespace.

    RBDPersistentVolumeSource : No longer in use.
      monitors! 1 []string atomic : The monitors.
      image! 2 string : The image.
      fsType 3 string : The file system.
      pool 4 string ="rbd" : The pool.
      user 5 string ="admin" : The user.
      keyring 6 string ="/etc/ceph/keyring" : The key ring.
      secretRef 7 SecretReference : The secret.
      readOnly 8 bool : Whether it may only be read.

    CinderPersistentVolumeSource : No longer in use.
      volumeID! 1 string : The volume.
      fsType 2 string : The file system.
      readOnly 3 bool : Whether it may only be read.
      secretRef 4 SecretReference : The secret.

    CephFSPersistentVolumeSource : No longer in use.
      monitors! 1 []string atomic : The monitors.
      path 2 string : The path.
      user 3 string : The user.
      secretFile 4 string : The file with the secret.
      secretRef 5 SecretReference : The secret.
      readOnly 6 bool : Whether it may only be read.

    FlexPersistentVolumeSource : No longer in use.
      driver! 1 string : The driver.
      fsType 2 string : The file system.
      secretRef 3 SecretReference : The secret.
      readOnly 4 bool : Whether it may only be read.
      options 5 {}string : What to tell the driver.

    AzureFilePersistentVolumeSource : No longer in use.
      secretName! 1 string : The secret.
      shareName! 2 string : The share.
      readOnly 3 bool : Whether it may only be read.
      secretNamespace 4 string : The secret's namespace.

    ScaleIOPersistentVolumeSource : No longer in use.
      gateway! 1 string : The gateway.
      system! 2 string : The system.
      secretRef 3 SecretReference : The secret.
      sslEnabled 4 bool : Whether TLS is spoken.
      protectionDomain 5 string : The protection domain.
      storagePool 6 string : The pool.
      storageMode 7 string ="ThinProvisioned" : The mode.
      volumeName 8 string : The volume.
      fsType 9 string ="xfs" : The file system.
      readOnly 10 bool : Whether it may only be read.

    StorageOSPersistentVolumeSource : No longer in use.
      volumeName 1 string : The volume.
      volumeNamespace 2 string : Its namespace.
      fsType 3 string : The file system.
      readOnly 4 bool : Whether it may only be read.
      secretRef 5 ObjectReference : The secret.

    PersistentVolumeStatus : The state of a volume.
      phase 1 string enum(Available|Bound|Failed|Pending|Released) : Pending, Available, Bound, Released or Failed.
      message 2 string : Why, for people.
      reason 3 string : Why, in a word.
      lastPhaseTransitionTime 4 Time : When the phase last changed.

    package io.k8s.api.storage.v1 storage.k8s.io/v1

    StorageClass kind list : A kind of storage that claims can ask for.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      provisioner! 2 string : Who makes its volumes.
      parameters 3 {}string : What to tell it.
      reclaimPolicy 4 string ="Delete" : What becomes of a volume when its claim is gone.
      mountOptions 5 []string atomic : Options of the mounts.
      allowVolumeExpansion 6 bool : Whether volumes may grow.
      volumeBindingMode 7 string ="Immediate" : Immediate, or WaitForFirstConsumer to wait for a pod.
      allowedTopologies 8 []core.TopologySelectorTerm atomic : Where volumes may be.

    VolumeAttachment kind list : A volume that is to be attached to a node.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 VolumeAttachmentSpec : What is wanted.
      status 3 VolumeAttachmentStatus : What is the case, as the system last saw it.

    VolumeAttachmentSpec : Which volume is attached where.
      attacher! 1 string : The driver that does it.
      source! 2 VolumeAttachmentSource : The volume.
      nodeName! 3 string : The node.

    VolumeAttachmentSource : A volume to attach.
      persistentVolumeName 1 string : Its name.
      inlineVolumeSpec 2 core.PersistentVolumeSpec : The volume itself, where it has no object.

    VolumeAttachmentStatus : The state of an attachment.
      attached! 1 bool : Whether it is attached.
      attachmentMetadata 2 {}string : What mounting needs to know.
      attachError 3 VolumeError : Why attaching failed.
      detachError 4 VolumeError : Why detaching failed.

    VolumeError : Something that failed.
      time 1 Time : When.
      message 2 string : Why.
      errorCode 3 int32 : The driver's code for it.

    CSIDriver kind list : A storage driver of the cluster.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 CSIDriverSpec : What is wanted.

    CSIDriverSpec : What a storage driver can do.
      attachRequired 1 bool =true : Whether volumes must be attached first.
      podInfoOnMount 2 bool =false : Whether it is told about the pod.
      volumeLifecycleModes 3 []string set : Persistent, Ephemeral or both.
      storageCapacity 4 bool =false : Whether it says how much room there is.
      fsGroupPolicy 5 string ="ReadWriteOnceWithFSType" : When the files' group is changed.
      tokenRequests 6 []TokenRequest atomic : The tokens it is given.
      requiresRepublish 7 bool =false : Whether it mounts again and again.
      seLinuxMount 8 bool =false : Whether it mounts with an SELinux context.
      nodeAllocatableUpdatePeriodSeconds 9 int64 : How often a node's limits are looked up.
      serviceAccountTokenInSecrets 10 bool : Whether the tokens come with the secrets.

    TokenRequest : A token that a driver is given.
      audience! 1 string : Who is to accept it.
      expirationSeconds 2 int64 : How long it is to be good.

    CSINode kind list : The storage drivers of a node.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 CSINodeSpec : What is wanted.

    CSINodeSpec : The storage drivers of a node.
      drivers! 1 []CSINodeDriver merge(name) map(name) : The drivers.

    CSINodeDriver : A storage driver on a node.
      name! 1 string : Its name.
      nodeID! 2 string : What it calls the node.
      topologyKeys 3 []string atomic : The labels that say where the node is.
      allocatable 4 VolumeNodeResources : How much of it a node takes.

    VolumeNodeResources : How many volumes a node takes.
      count 1 int32 : The number.

    CSIStorageCapacity kind list : How much room a driver has somewhere.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      nodeTopology 2 meta.LabelSelector : Which nodes.
      storageClassName! 3 string : For which class.
      capacity 4 Quantity : How much.
      maximumVolumeSize 5 Quantity : The largest volume.

    VolumeAttributesClass kind list : Qualities of volumes that may change.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      driverName! 2 string : The driver.
      parameters 3 {}string : What to tell it.

    package io.k8s.api.core.v1 v1

    TopologySelectorTerm atomic : Where volumes may be.
      matchLabelExpressions 1 []TopologySelectorLabelRequirement atomic : Conditions on labels.

    TopologySelectorLabelRequirement : A condition on one label.
      key! 1 string : The label.
      values! 2 []string atomic : What it may be.
    """#
}
