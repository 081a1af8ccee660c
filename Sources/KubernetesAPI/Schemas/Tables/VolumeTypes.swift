extension SchemaTables {
  /// core/v1: volumes of pods and their sources.
  static let volumeTypes = #"""
    package io.k8s.api.core.v1 v1

    Volume : A volume of a pod.
      name! 1 string : Its name, unique in the pod.
      inline 2 VolumeSource

    VolumeSource : What a volume holds; one of these.
      hostPath 1 HostPathVolumeSource : A file or directory of the node.
      emptyDir 2 EmptyDirVolumeSource : A directory that lives as long as the pod.
      gcePersistentDisk 3 GCEPersistentDiskVolumeSource : A GCE disk; outdated.
      awsElasticBlockStore 4 AWSElasticBlockStoreVolumeSource : An AWS disk; outdated.
      gitRepo 5 GitRepoVolumeSource : A git repository; outdated.
      secret 6 SecretVolumeSource : Entries of a secret.
      nfs 7 NFSVolumeSource : A directory on an NFS server.
      iscsi 8 ISCSIVolumeSource : An iSCSI disk.
      glusterfs 9 GlusterfsVolumeSource : A Glusterfs volume; outdated.
      persistentVolumeClaim 10 PersistentVolumeClaimVolumeSource : A claimed volume.
      rbd 11 RBDVolumeSource : A Ceph block device; outdated.
      flexVolume 12 FlexVolumeSource : A volume of a plugin on the node; outdated.
      cinder 13 CinderVolumeSource : An OpenStack disk; outdated.
      cephfs 14 CephFSVolumeSource : A Ceph file system; outdated.
      flocker 15 FlockerVolumeSource : A Flocker volume; outdated.
      downwardAPI 16 DownwardAPIVolumeSource : Fields of the pod.
      fc 17 FCVolumeSource : A Fibre Channel disk.
      azureFile 18 AzureFileVolumeSource : An Azure file share; outdated.
      configMap 19 ConfigMapVolumeSource : Entries of a config map.
      vsphereVolume 20 VsphereVirtualDiskVolumeSource : A vSphere disk; outdated.
      quobyte 21 QuobyteVolumeSource : A Quobyte volume; outdated.
      azureDisk 22 AzureDiskVolumeSource : An Azure disk; outdated.
      photonPersistentDisk 23 PhotonPersistentDiskVolumeSource : A Photon disk; outdated.
      projected 26 ProjectedVolumeSource : Several sources in one directory.
      portworxVolume 24 PortworxVolumeSource : A Portworx volume; outdated.
      scaleIO 25 ScaleIOVolumeSource : A ScaleIO volume; outdated.
      storageos 27 StorageOSVolumeSource : A StorageOS volume; outdated.
      csi 28 CSIVolumeSource : A volume of a CSI driver.
      ephemeral 29 EphemeralVolumeSource : A volume claimed for this pod alone.
      image 30 ImageVolumeSource : The content of an image.

    HostPathVolumeSource : A file or directory of the node.
      path! 1 string : Its path.
      type 2 string ="" enum(|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket)
        : What must be there, or is made.

    EmptyDirVolumeSource : A directory that lives as long as the pod.
      medium 1 string : Memory, or the node's disk where empty.
      sizeLimit 2 Quantity : How large it may grow.

    GCEPersistentDiskVolumeSource : A GCE disk.
      pdName! 1 string : The disk.
      fsType 2 string : The file system, such as ext4.
      partition 3 int32 : The partition.
      readOnly 4 bool : Whether it cannot be written.

    AWSElasticBlockStoreVolumeSource : An AWS disk.
      volumeID! 1 string : The disk.
      fsType 2 string : The file system, such as ext4.
      partition 3 int32 : The partition.
      readOnly 4 bool : Whether it cannot be written.

    GitRepoVolumeSource : A git repository.
      repository! 1 string : Its address.
      revision 2 string : The commit.
      directory 3 string : The directory to put it in.

    SecretVolumeSource : Entries of a secret as files.
      secretName 1 string : The secret.
      items 2 []KeyToPath atomic : Which entries; all where empty.
      defaultMode 3 int32 =420 : Permission bits of the files.
      optional 4 bool : Whether it may be missing.

    KeyToPath : An entry and the file it becomes.
      key! 1 string : The entry.
      path! 2 string : The file's path in the volume.
      mode 3 int32 : The file's permission bits.

    NFSVolumeSource : A directory on an NFS server.
      server! 1 string : The server.
      path! 2 string : The directory.
      readOnly 3 bool : Whether it cannot be written.

    ISCSIVolumeSource : An iSCSI disk.
      targetPortal! 1 string : Where the target is.
      iqn! 2 string : The target's name.
      lun! 3 int32 : The disk's number.
      iscsiInterface 4 string ="default" : The interface to use.
      fsType 5 string : The file system, such as ext4.
      readOnly 6 bool : Whether it cannot be written.
      portals 7 []string atomic : More places of the target.
      chapAuthDiscovery 8 bool : Whether discovery needs a password.
      chapAuthSession 11 bool : Whether sessions need a password.
      secretRef 10 LocalObjectReference : The secret with the credentials.
      initiatorName 12 string : The initiator's name.

    GlusterfsVolumeSource : A Glusterfs volume.
      endpoints! 1 string : Where the servers are.
      path! 2 string : The volume.
      readOnly 3 bool : Whether it cannot be written.

    PersistentVolumeClaimVolumeSource : A claimed volume.
      claimName! 1 string : The claim.
      readOnly 2 bool : Whether it cannot be written.

    RBDVolumeSource : A Ceph block device.
      monitors! 1 []string atomic : The monitors.
      image! 2 string : The device.
      fsType 3 string : The file system, such as ext4.
      pool 4 string ="rbd" : The pool.
      user 5 string ="admin" : The user.
      keyring 6 string ="/etc/ceph/keyring" : The file with the user's key.
      secretRef 7 LocalObjectReference : The secret with the credentials.
      readOnly 8 bool : Whether it cannot be written.

    FlexVolumeSource : A volume of a plugin on the node.
      driver! 1 string : The plugin.
      fsType 2 string : The file system, such as ext4.
      secretRef 3 LocalObjectReference : The secret with the credentials.
      readOnly 4 bool : Whether it cannot be written.
      options 5 {}string : What to tell it.

    CinderVolumeSource : An OpenStack disk.
      volumeID! 1 string : The disk.
      fsType 2 string : The file system, such as ext4.
      readOnly 3 bool : Whether it cannot be written.
      secretRef 4 LocalObjectReference : The secret with the credentials.

    CephFSVolumeSource : A Ceph file system.
      monitors! 1 []string atomic : The monitors.
      path 2 string : The directory.
      user 3 string : The user.
      secretFile 4 string : The file with the user's key.
      secretRef 5 LocalObjectReference : The secret with the credentials.
      readOnly 6 bool : Whether it cannot be written.

    FlockerVolumeSource : A Flocker volume.
      datasetName 1 string : Its name.
      datasetUUID 2 string : Its identity.

    DownwardAPIVolumeSource : Fields of the pod as files.
      items 1 []DownwardAPIVolumeFile atomic : The files.
      defaultMode 2 int32 =420 : Permission bits of the files.

    DownwardAPIVolumeFile : A field of the pod as a file.
      path! 1 string : The file's path in the volume.
      fieldRef 2 ObjectFieldSelector : A field of the pod.
      resourceFieldRef 3 ResourceFieldSelector : A request or limit of a container.
      mode 4 int32 : The file's permission bits.

    FCVolumeSource : A Fibre Channel disk.
      targetWWNs 1 []string atomic : World-wide names of the targets.
      lun 2 int32 : The disk's number.
      fsType 3 string : The file system, such as ext4.
      readOnly 4 bool : Whether it cannot be written.
      wwids 5 []string atomic : World-wide identifiers, instead of targets and number.

    AzureFileVolumeSource : An Azure file share.
      secretName! 1 string : The secret with the account.
      shareName! 2 string : The share.
      readOnly 3 bool : Whether it cannot be written.

    ConfigMapVolumeSource : Entries of a config map as files.
      inline 1 LocalObjectReference
      items 2 []KeyToPath atomic : Which entries; all where empty.
      defaultMode 3 int32 =420 : Permission bits of the files.
      optional 4 bool : Whether it may be missing.

    VsphereVirtualDiskVolumeSource : A vSphere disk.
      volumePath! 1 string : The disk.
      fsType 2 string : The file system, such as ext4.
      storagePolicyName 3 string : The storage policy.
      storagePolicyID 4 string : The storage policy's identity.

    QuobyteVolumeSource : A Quobyte volume.
      registry! 1 string : Where the registries are.
      volume! 2 string : The volume.
      readOnly 3 bool : Whether it cannot be written.
      user 4 string : The user.
      group 5 string : The group.
      tenant 6 string : Whose it is.

    AzureDiskVolumeSource : An Azure disk.
      diskName! 1 string : The disk.
      diskURI! 2 string : Its address.
      cachingMode 3 string ="ReadWrite" enum(None|ReadOnly|ReadWrite) : How it is cached.
      fsType 4 string ="ext4" : The file system, such as ext4.
      readOnly 5 bool =false : Whether it cannot be written.
      kind 6 string ="Shared" enum(Dedicated|Managed|Shared) : How it is kept.

    PhotonPersistentDiskVolumeSource : A Photon disk.
      pdID! 1 string : The disk.
      fsType 2 string : The file system, such as ext4.

    ProjectedVolumeSource : Several sources in one directory.
      sources 1 []VolumeProjection atomic : The sources.
      defaultMode 2 int32 =420 : Permission bits of the files.

    VolumeProjection : One source; one of these.
      secret 1 SecretProjection : Entries of a secret.
      downwardAPI 2 DownwardAPIProjection : Fields of the pod.
      configMap 3 ConfigMapProjection : Entries of a config map.
      serviceAccountToken 4 ServiceAccountTokenProjection : A token of the service account.
      clusterTrustBundle 5 ClusterTrustBundleProjection : Certificates to trust.
      podCertificate 6 PodCertificateProjection : A key and certificate of the pod's own.

    SecretProjection : Entries of a secret as files.
      inline 1 LocalObjectReference
      items 2 []KeyToPath atomic : Which entries; all where empty.
      optional 4 bool : Whether it may be missing.

    DownwardAPIProjection : Fields of the pod as files.
      items 1 []DownwardAPIVolumeFile atomic : The files.

    ConfigMapProjection : Entries of a config map as files.
      inline 1 LocalObjectReference
      items 2 []KeyToPath atomic : Which entries; all where empty.
      optional 4 bool : Whether it may be missing.

    ServiceAccountTokenProjection : A token of the service account as a file.
      audience 1 string : Who is to accept it.
      expirationSeconds 2 int64 =3600 : How long it is good.
      path! 3 string : The file's path in the volume.

    ClusterTrustBundleProjection : Certificates to trust as a file.
      name 1 string : The bundle.
      signerName 2 string : The signer whose bundles are meant.
      labelSelector 3 meta.LabelSelector : Which of the signer's bundles.
      optional 5 bool : Whether it may be missing.
      path! 4 string : The file's path in the volume.

    PodCertificateProjection : A key and certificate of the pod's own as files.
      signerName! 1 string : Who signs.
      keyType! 2 string : What kind of key.
      maxExpirationSeconds 3 int32 =86400 : How long the certificate is good at most.
      credentialBundlePath 4 string : The file for key and certificates together.
      keyPath 5 string : The file for the key.
      certificateChainPath 6 string : The file for the certificates.
      userAnnotations 7 {}string : What to tell the signer.

    PortworxVolumeSource : A Portworx volume.
      volumeID! 1 string : The volume.
      fsType 2 string : The file system, such as ext4.
      readOnly 3 bool : Whether it cannot be written.

    ScaleIOVolumeSource : A ScaleIO volume.
      gateway! 1 string : Where the gateway is.
      system! 2 string : The system.
      secretRef! 3 LocalObjectReference : The secret with the credentials.
      sslEnabled 4 bool : Whether to speak TLS.
      protectionDomain 5 string : The protection domain.
      storagePool 6 string : The storage pool.
      storageMode 7 string ="ThinProvisioned" : How space is set aside.
      volumeName 8 string : The volume.
      fsType 9 string ="xfs" : The file system, such as ext4.
      readOnly 10 bool : Whether it cannot be written.

    StorageOSVolumeSource : A StorageOS volume.
      volumeName 1 string : The volume.
      volumeNamespace 2 string : The namespace it is in.
      fsType 3 string : The file system, such as ext4.
      readOnly 4 bool : Whether it cannot be written.
      secretRef 5 LocalObjectReference : The secret with the credentials.

    CSIVolumeSource : A volume of a CSI driver.
      driver! 1 string : The driver.
      readOnly 2 bool : Whether it cannot be written.
      fsType 3 string : The file system, such as ext4.
      volumeAttributes 4 {}string : What to tell it.
      nodePublishSecretRef 5 LocalObjectReference : The secret it needs to mount.

    EphemeralVolumeSource : A volume claimed for this pod alone.
      volumeClaimTemplate 1 PersistentVolumeClaimTemplate : What the claim is made from.

    PersistentVolumeClaimTemplate : What a claim is made from.
      metadata 1 meta.ObjectMeta : Name, labels and the like.
      spec! 2 PersistentVolumeClaimSpec : What is wanted.

    PersistentVolumeClaimSpec : What is asked of a volume.
      accessModes 1 []string atomic : How it is to be mounted.
      selector 4 meta.LabelSelector : Which volumes will do.
      resources 2 VolumeResourceRequirements : How large it must be.
      volumeName 3 string : The volume that was found.
      storageClassName 5 string : What kind of storage.
      volumeMode 6 string ="Filesystem" enum(Block|Filesystem) : Filesystem or Block.
      dataSource 7 TypedLocalObjectReference : What it begins with.
      dataSourceRef 8 TypedObjectReference : What it begins with, of any kind.
      volumeAttributesClassName 9 string : What qualities it has.

    VolumeResourceRequirements : How large a volume is.
      limits 1 {}Quantity : At most.
      requests 2 {}Quantity : At least.

    ImageVolumeSource : The content of an image.
      reference 1 string : The image.
      pullPolicy 2 string enum(Always|IfNotPresent|Never) : When it is fetched.
    """#
}
