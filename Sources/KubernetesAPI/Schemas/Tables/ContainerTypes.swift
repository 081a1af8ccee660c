extension SchemaTables {
  /// core/v1: containers, their environment, probes, security and status.
  static let containerTypes = #"""
    package io.k8s.api.core.v1 v1

    ObjectFieldSelector atomic : 
      apiVersion 1 string ="v1"
      fieldPath! 2 string

    ResourceFieldSelector atomic : 
      containerName 1 string
      resource! 2 string
      divisor 3 Quantity ="0"

    Container : 
      name! 1 string
      image 2 string
      command 3 []string atomic
      args 4 []string atomic
      workingDir 5 string
      ports 6 []ContainerPort patch=merge key=containerPort map(containerPort,protocol)
      envFrom 19 []EnvFromSource atomic
      env 7 []EnvVar patch=merge key=name map(name)
      resources 8 ResourceRequirements ={}
      resizePolicy 23 []ContainerResizePolicy atomic
      restartPolicy 24 string
      volumeMounts 9 []VolumeMount patch=merge key=mountPath map(mountPath)
      volumeDevices 21 []VolumeDevice patch=merge key=devicePath map(devicePath)
      livenessProbe 10 Probe
      readinessProbe 11 Probe
      startupProbe 22 Probe
      lifecycle 12 Lifecycle
      terminationMessagePath 13 string ="/dev/termination-log"
      terminationMessagePolicy 20 string ="File" enum(FallbackToLogsOnError|File)
      imagePullPolicy 14 string enum(Always|IfNotPresent|Never)
      securityContext 15 SecurityContext
      stdin 16 bool
      stdinOnce 17 bool
      tty 18 bool
      restartPolicyRules 25 []ContainerRestartRule atomic

    ContainerPort : 
      name 1 string
      hostPort 2 int32
      containerPort! 3 int32
      protocol 4 string ="TCP" enum(SCTP|TCP|UDP)
      hostIP 5 string

    EnvFromSource : 
      prefix 1 string
      configMapRef 2 ConfigMapEnvSource
      secretRef 3 SecretEnvSource

    ConfigMapEnvSource : 
      inline 1 LocalObjectReference
      optional 2 bool

    SecretEnvSource : 
      inline 1 LocalObjectReference
      optional 2 bool

    EnvVar : 
      name! 1 string
      value 2 string
      valueFrom 3 EnvVarSource

    EnvVarSource : 
      fieldRef 1 ObjectFieldSelector
      resourceFieldRef 2 ResourceFieldSelector
      configMapKeyRef 3 ConfigMapKeySelector
      secretKeyRef 4 SecretKeySelector
      fileKeyRef 5 FileKeySelector

    ConfigMapKeySelector atomic : 
      inline 1 LocalObjectReference
      key! 2 string
      optional 3 bool

    SecretKeySelector atomic : 
      inline 1 LocalObjectReference
      key! 2 string
      optional 3 bool

    FileKeySelector atomic : 
      volumeName! 1 string
      path! 2 string
      key! 3 string
      optional 4 bool =false

    ResourceRequirements : 
      limits 1 {}Quantity
      requests 2 {}Quantity
      claims 3 []ResourceClaim map(name)

    ResourceClaim : 
      name! 1 string
      request 2 string

    ContainerResizePolicy : 
      resourceName! 1 string
      restartPolicy! 2 string ="NotRequired"

    VolumeMount : 
      name! 1 string
      readOnly 2 bool
      recursiveReadOnly 7 string
      mountPath! 3 string
      subPath 4 string
      mountPropagation 5 string enum(Bidirectional|HostToContainer|None)
      subPathExpr 6 string

    VolumeDevice : 
      name! 1 string
      devicePath! 2 string

    Probe : 
      inline 1 ProbeHandler
      initialDelaySeconds 2 int32
      timeoutSeconds 3 int32 =1
      periodSeconds 4 int32 =10
      successThreshold 5 int32 =1
      failureThreshold 6 int32 =3
      terminationGracePeriodSeconds 7 int64

    ProbeHandler : 
      exec 1 ExecAction
      httpGet 2 HTTPGetAction
      tcpSocket 3 TCPSocketAction
      grpc 4 GRPCAction

    ExecAction : 
      command 1 []string atomic

    HTTPGetAction : 
      path 1 string ="/"
      port! 2 IntOrString
      host 3 string
      scheme 4 string ="HTTP" enum(HTTP|HTTPS)
      httpHeaders 5 []HTTPHeader atomic

    HTTPHeader : 
      name! 1 string
      value! 2 string

    TCPSocketAction : 
      port! 1 IntOrString
      host 2 string

    GRPCAction : 
      port! 1 int32
      service 2 string =""

    Lifecycle : 
      postStart 1 LifecycleHandler
      preStop 2 LifecycleHandler
      stopSignal 3 string

    LifecycleHandler : 
      exec 1 ExecAction
      httpGet 2 HTTPGetAction
      tcpSocket 3 TCPSocketAction
      sleep 4 SleepAction

    SleepAction : 
      seconds! 1 int64

    SecurityContext : 
      capabilities 1 Capabilities
      privileged 2 bool
      seLinuxOptions 3 SELinuxOptions
      windowsOptions 10 WindowsSecurityContextOptions
      runAsUser 4 int64
      runAsGroup 8 int64
      runAsNonRoot 5 bool
      readOnlyRootFilesystem 6 bool
      allowPrivilegeEscalation 7 bool
      procMount 9 string enum(Default|Unmasked)
      seccompProfile 11 SeccompProfile
      appArmorProfile 12 AppArmorProfile

    Capabilities : 
      add 1 []string atomic
      drop 2 []string atomic

    SELinuxOptions : 
      user 1 string
      role 2 string
      type 3 string
      level 4 string

    WindowsSecurityContextOptions : 
      gmsaCredentialSpecName 1 string
      gmsaCredentialSpec 2 string
      runAsUserName 3 string
      hostProcess 4 bool

    SeccompProfile : 
      type! 1 string enum(Localhost|RuntimeDefault|Unconfined)
      localhostProfile 2 string

    AppArmorProfile : 
      type! 1 string enum(Localhost|RuntimeDefault|Unconfined)
      localhostProfile 2 string

    ContainerRestartRule : 
      action! 1 string
      exitCodes 2 ContainerRestartRuleOnExitCodes

    ContainerRestartRuleOnExitCodes : 
      operator! 1 string
      values 2 []int32 set

    EphemeralContainer : 
      inline 1 EphemeralContainerCommon
      targetContainerName 2 string

    EphemeralContainerCommon : 
      name 1 string
      image 2 string
      command 3 []string atomic
      args 4 []string atomic
      workingDir 5 string
      ports 6 []ContainerPort patch=merge key=containerPort map(containerPort,protocol)
      envFrom 19 []EnvFromSource atomic
      env 7 []EnvVar patch=merge key=name map(name)
      resources 8 ResourceRequirements ={}
      resizePolicy 23 []ContainerResizePolicy atomic
      restartPolicy 24 string
      volumeMounts 9 []VolumeMount patch=merge key=mountPath map(mountPath)
      volumeDevices 21 []VolumeDevice patch=merge key=devicePath map(devicePath)
      livenessProbe 10 Probe
      readinessProbe 11 Probe
      startupProbe 22 Probe
      lifecycle 12 Lifecycle
      terminationMessagePath 13 string ="/dev/termination-log"
      terminationMessagePolicy 20 string ="File" enum(FallbackToLogsOnError|File)
      imagePullPolicy 14 string enum(Always|IfNotPresent|Never)
      securityContext 15 SecurityContext
      stdin 16 bool
      stdinOnce 17 bool
      tty 18 bool
      restartPolicyRules 25 []ContainerRestartRule atomic

    ContainerStatus : 
      name! 1 string
      state 2 ContainerState
      lastState 3 ContainerState
      ready! 4 bool
      restartCount! 5 int32
      image! 6 string
      imageID! 7 string
      containerID 8 string
      started 9 bool
      allocatedResources 10 {}Quantity
      resources 11 ResourceRequirements
      volumeMounts 12 []VolumeMountStatus patch=merge key=mountPath map(mountPath)
      user 13 ContainerUser
      allocatedResourcesStatus 14 []ResourceStatus patch=merge key=name map(name)
      stopSignal 15 string

    ContainerState : 
      waiting 1 ContainerStateWaiting
      running 2 ContainerStateRunning
      terminated 3 ContainerStateTerminated

    ContainerStateWaiting : 
      reason 1 string
      message 2 string

    ContainerStateRunning : 
      startedAt 1 Time

    ContainerStateTerminated : 
      exitCode! 1 int32
      signal 2 int32
      reason 3 string
      message 4 string
      startedAt 5 Time
      finishedAt 6 Time
      containerID 7 string

    VolumeMountStatus : 
      name! 1 string
      mountPath! 2 string
      readOnly 3 bool
      recursiveReadOnly 4 string
      volumeStatus 5 VolumeStatus

    VolumeStatus : 
      image 1 ImageVolumeStatus

    ImageVolumeStatus : 
      imageRef! 1 string

    ContainerUser : 
      linux 1 LinuxContainerUser

    LinuxContainerUser : 
      uid! 1 int64
      gid! 2 int64
      supplementalGroups 3 []int64 atomic

    ResourceStatus : 
      name! 1 string
      resources 2 []ResourceHealth map(resourceID)

    ResourceHealth : 
      resourceID! 1 string
      health 2 string
      message 6 string
    """#
}
