extension SchemaTables {
  /// core/v1: containers, their environment, probes, security and status.
  static let containerTypes = #"""
    package io.k8s.api.core.v1 v1

    ObjectFieldSelector atomic : A field of the pod.
      apiVersion 1 string ="v1" : The API version the path is written in.
      fieldPath! 2 string : The field, such as metadata.name or status.podIP.

    ResourceFieldSelector atomic : A request or limit of a container.
      containerName 1 string : The container; this one where empty.
      resource! 2 string : Which, such as limits.cpu.
      divisor 3 Quantity ="0" : The unit to count in.

    Container : A container of a pod.
      name! 1 string : Its name, unique in the pod.
      image 2 string : The image it runs.
      command 3 []string atomic : The program; the image's where empty.
      args 4 []string atomic : Arguments of the program; the image's where empty.
      workingDir 5 string : The working directory; the image's where empty.
      ports 6 []ContainerPort merge(containerPort) map(containerPort,protocol)
        : Ports it listens on; for people, for names and for the node's ports.
      envFrom 19 []EnvFromSource atomic : Config maps and secrets whose entries become environment variables.
      env 7 []EnvVar merge(name) map(name) : Environment variables.
      resources 8 ResourceRequirements ={} : What it asks for and what it may use.
      resizePolicy 23 []ContainerResizePolicy atomic : Whether a change of resources restarts it.
      restartPolicy 24 string : Always makes an init container a sidecar that runs on.
      volumeMounts 9 []VolumeMount merge(mountPath) map(mountPath) : Where the pod's volumes are seen.
      volumeDevices 21 []VolumeDevice merge(devicePath) map(devicePath) : Where the pod's block devices are seen.
      livenessProbe 10 Probe : Tells whether it is alive; else it is restarted.
      readinessProbe 11 Probe : Tells whether it takes connections; else services leave it out.
      startupProbe 22 Probe : Tells whether it has started; the other probes wait for it.
      lifecycle 12 Lifecycle : What runs after its start and before its end.
      terminationMessagePath 13 string ="/dev/termination-log" : The file it leaves its last words in.
      terminationMessagePolicy 20 string ="File" enum(FallbackToLogsOnError|File)
        : Whether the log serves where that file is empty.
      imagePullPolicy 14 string enum(Always|IfNotPresent|Never) : When the image is fetched.
      securityContext 15 SecurityContext : Identity and restrictions of its processes.
      stdin 16 bool : Whether its input is kept open.
      stdinOnce 17 bool : Whether its input ends with the first client.
      tty 18 bool : Whether it has a terminal.
      restartPolicyRules 25 []ContainerRestartRule atomic : Which exit codes restart it.

    ContainerPort : A port of a container.
      name 1 string : The port's name, by which services may call it.
      hostPort 2 int32 : A port of the node that leads to it.
      containerPort! 3 int32 : The number.
      protocol 4 string ="TCP" enum(SCTP|TCP|UDP) : TCP, UDP or SCTP.
      hostIP 5 string : The node's address that hostPort listens on.

    EnvFromSource : An object whose entries become environment variables.
      prefix 1 string : What stands before each name.
      configMapRef 2 ConfigMapEnvSource : A config map.
      secretRef 3 SecretEnvSource : A secret.

    ConfigMapEnvSource : A config map whose entries become environment variables.
      inline 1 LocalObjectReference
      optional 2 bool : Whether it may be missing.

    SecretEnvSource : A secret whose entries become environment variables.
      inline 1 LocalObjectReference
      optional 2 bool : Whether it may be missing.

    EnvVar : An environment variable.
      name! 1 string : Its name.
      value 2 string : Its value; $(NAME) stands for other variables.
      valueFrom 3 EnvVarSource : Where the value comes from.

    EnvVarSource : Where a variable's value comes from.
      fieldRef 1 ObjectFieldSelector : A field of the pod.
      resourceFieldRef 2 ResourceFieldSelector : A request or limit of the container.
      configMapKeyRef 3 ConfigMapKeySelector : An entry of a config map.
      secretKeyRef 4 SecretKeySelector : An entry of a secret.
      fileKeyRef 5 FileKeySelector : An entry of a file in a volume.

    ConfigMapKeySelector atomic : An entry of a config map.
      inline 1 LocalObjectReference
      key! 2 string : The entry.
      optional 3 bool : Whether it may be missing.

    SecretKeySelector atomic : An entry of a secret.
      inline 1 LocalObjectReference
      key! 2 string : The entry.
      optional 3 bool : Whether it may be missing.

    FileKeySelector atomic : An entry of a file of variables.
      volumeName! 1 string : The volume the file is in.
      path! 2 string : The file's path in the volume.
      key! 3 string : The entry.
      optional 4 bool =false : Whether it may be missing.

    ResourceRequirements : What is asked for and what may be used.
      limits 1 {}Quantity : The most that may be used.
      requests 2 {}Quantity : What is set aside; the limits where empty.
      claims 3 []ResourceClaim map(name) : Devices from the pod's claims.

    ResourceClaim : An entry of the pod's claims.
      name! 1 string : The entry.
      request 2 string : The request in the claim; all where empty.

    ContainerResizePolicy : What a change of one resource does.
      resourceName! 1 string : cpu or memory.
      restartPolicy! 2 string ="NotRequired" : NotRequired or RestartContainer.

    VolumeMount : Where a volume is seen in a container.
      name! 1 string : The volume.
      readOnly 2 bool : Whether it cannot be written.
      recursiveReadOnly 7 string : Whether mounts below it cannot be written either.
      mountPath! 3 string : The path in the container.
      subPath 4 string : A path in the volume, to see only that.
      mountPropagation 5 string enum(Bidirectional|HostToContainer|None)
        : Whether mounts made later pass to and from the node.
      subPathExpr 6 string : As subPath, with $(NAME) for environment variables.

    VolumeDevice : Where a block device is seen in a container.
      name! 1 string : The volume.
      devicePath! 2 string : The path in the container.

    Probe : A check made of a container again and again.
      inline 1 ProbeHandler
      initialDelaySeconds 2 int32 : Seconds before the first check.
      timeoutSeconds 3 int32 =1 : Seconds a check may take.
      periodSeconds 4 int32 =10 : Seconds between checks.
      successThreshold 5 int32 =1 : Good checks in a row that count as success.
      failureThreshold 6 int32 =3 : Bad checks in a row that count as failure.
      terminationGracePeriodSeconds 7 int64 : The grace period where the check ends the container.

    ProbeHandler : How a check is made; one of these.
      exec 1 ExecAction : A command that must end well.
      httpGet 2 HTTPGetAction : An HTTP request that must be answered well.
      tcpSocket 3 TCPSocketAction : A connection that must open.
      grpc 4 GRPCAction : A gRPC health request that must be answered well.

    ExecAction : A command run in the container.
      command 1 []string atomic : The program and its arguments; no shell reads them.

    HTTPGetAction : An HTTP GET request.
      path 1 string ="/" : The path.
      port! 2 IntOrString : The port, by number or name.
      host 3 string : The host; the pod's address where empty.
      scheme 4 string ="HTTP" enum(HTTP|HTTPS) : HTTP or HTTPS.
      httpHeaders 5 []HTTPHeader atomic : Headers to send.

    HTTPHeader : A header of a request.
      name! 1 string : Its name.
      value! 2 string : Its value.

    TCPSocketAction : A connection to a port.
      port! 1 IntOrString : The port, by number or name.
      host 2 string : The host; the pod's address where empty.

    GRPCAction : A gRPC health request.
      port! 1 int32 : The port.
      service 2 string ="" : The service to ask about.

    Lifecycle : What runs around a container's life.
      postStart 1 LifecycleHandler : Runs right after the start.
      preStop 2 LifecycleHandler : Runs before the container is asked to end.
      stopSignal 3 string : The signal that asks it to end.

    LifecycleHandler : What a hook does; one of these.
      exec 1 ExecAction : A command in the container.
      httpGet 2 HTTPGetAction : An HTTP request.
      tcpSocket 3 TCPSocketAction : No longer used.
      sleep 4 SleepAction : A pause.

    SleepAction : A pause.
      seconds! 1 int64 : How long.

    SecurityContext : Identity and restrictions of a container's processes; goes before the pod's.
      capabilities 1 Capabilities : Capabilities added and taken.
      privileged 2 bool : Whether the container may do what root on the node may.
      seLinuxOptions 3 SELinuxOptions : SELinux label.
      windowsOptions 10 WindowsSecurityContextOptions : What only Windows knows.
      runAsUser 4 int64 : User number of the processes.
      runAsGroup 8 int64 : Group number of the processes.
      runAsNonRoot 5 bool : Refuse to run as root.
      readOnlyRootFilesystem 6 bool : Whether the image cannot be written.
      allowPrivilegeEscalation 7 bool : Whether a process may gain more rights than its parent.
      procMount 9 string enum(Default|Unmasked) : How much of /proc is hidden.
      seccompProfile 11 SeccompProfile : Which system calls are allowed.
      appArmorProfile 12 AppArmorProfile : Which AppArmor profile confines the processes.

    Capabilities : Capabilities of the processes.
      add 1 []string atomic : Those added.
      drop 2 []string atomic : Those taken.

    SELinuxOptions : An SELinux label.
      user 1 string : The user.
      role 2 string : The role.
      type 3 string : The type.
      level 4 string : The level.

    WindowsSecurityContextOptions : Identity on Windows.
      gmsaCredentialSpecName 1 string : Name of the credentials.
      gmsaCredentialSpec 2 string : The credentials.
      runAsUserName 3 string : The user.
      hostProcess 4 bool : Whether the container runs as a process of the host.

    SeccompProfile : A choice of system calls.
      type! 1 string enum(Localhost|RuntimeDefault|Unconfined) : RuntimeDefault, Localhost or Unconfined.
      localhostProfile 2 string : The file on the node, for Localhost.

    AppArmorProfile : An AppArmor profile.
      type! 1 string enum(Localhost|RuntimeDefault|Unconfined) : RuntimeDefault, Localhost or Unconfined.
      localhostProfile 2 string : The profile loaded on the node, for Localhost.

    ContainerRestartRule : What an exit code does.
      action! 1 string : Restart.
      exitCodes 2 ContainerRestartRuleOnExitCodes : Which exit codes.

    ContainerRestartRuleOnExitCodes : Some exit codes.
      operator! 1 string : In or NotIn.
      values 2 []int32 set : The exit codes.

    EphemeralContainer : A container added to a running pod, to look into it.
      inline 1 EphemeralContainerCommon
      targetContainerName 2 string : The container whose processes it sees.

    EphemeralContainerCommon : What an ephemeral container has in common with a container.
      name 1 string : Its name, unique in the pod.
      image 2 string : The image it runs.
      command 3 []string atomic : The program; the image's where empty.
      args 4 []string atomic : Arguments of the program; the image's where empty.
      workingDir 5 string : The working directory; the image's where empty.
      ports 6 []ContainerPort merge(containerPort) map(containerPort,protocol) : Not allowed here.
      envFrom 19 []EnvFromSource atomic : Config maps and secrets whose entries become environment variables.
      env 7 []EnvVar merge(name) map(name) : Environment variables.
      resources 8 ResourceRequirements ={} : Not allowed here.
      resizePolicy 23 []ContainerResizePolicy atomic : Not allowed here.
      restartPolicy 24 string : Not allowed here.
      volumeMounts 9 []VolumeMount merge(mountPath) map(mountPath) : Where the pod's volumes are seen.
      volumeDevices 21 []VolumeDevice merge(devicePath) map(devicePath) : Where the pod's block devices are seen.
      livenessProbe 10 Probe : Not allowed here.
      readinessProbe 11 Probe : Not allowed here.
      startupProbe 22 Probe : Not allowed here.
      lifecycle 12 Lifecycle : Not allowed here.
      terminationMessagePath 13 string ="/dev/termination-log" : The file it leaves its last words in.
      terminationMessagePolicy 20 string ="File" enum(FallbackToLogsOnError|File)
        : Whether the log serves where that file is empty.
      imagePullPolicy 14 string enum(Always|IfNotPresent|Never) : When the image is fetched.
      securityContext 15 SecurityContext : Identity and restrictions of its processes.
      stdin 16 bool : Whether its input is kept open.
      stdinOnce 17 bool : Whether its input ends with the first client.
      tty 18 bool : Whether it has a terminal.
      restartPolicyRules 25 []ContainerRestartRule atomic : Not allowed here.

    ContainerStatus : The state of a container.
      name! 1 string : The container.
      state 2 ContainerState : What it does now.
      lastState 3 ContainerState : How its last run ended.
      ready! 4 bool : Whether it takes connections.
      restartCount! 5 int32 : How often it was restarted.
      image! 6 string : The image it runs.
      imageID! 7 string : The image's digest.
      containerID 8 string : The runtime's name for it.
      started 9 bool : Whether it has passed its startup probe.
      allocatedResources 10 {}Quantity : What the node has set aside for it.
      resources 11 ResourceRequirements : Requests and limits in force.
      volumeMounts 12 []VolumeMountStatus merge(mountPath) map(mountPath) : How its volumes were mounted.
      user 13 ContainerUser : The identity of its first process.
      allocatedResourcesStatus 14 []ResourceStatus merge(name) map(name) : How its devices are.
      stopSignal 15 string : The signal that asks it to end.

    ContainerState : What a container does; one of these.
      waiting 1 ContainerStateWaiting : It waits to start.
      running 2 ContainerStateRunning : It runs.
      terminated 3 ContainerStateTerminated : It has ended.

    ContainerStateWaiting : A container that waits to start.
      reason 1 string : What for, in a word.
      message 2 string : What for, for people.

    ContainerStateRunning : A container that runs.
      startedAt 1 Time : Since when.

    ContainerStateTerminated : A container that has ended.
      exitCode! 1 int32 : The exit code.
      signal 2 int32 : The signal that ended it.
      reason 3 string : Why, in a word.
      message 4 string : Its last words.
      startedAt 5 Time : When it started.
      finishedAt 6 Time : When it ended.
      containerID 7 string : The runtime's name for it.

    VolumeMountStatus : How a volume was mounted.
      name! 1 string : The volume.
      mountPath! 2 string : The path in the container.
      readOnly 3 bool : Whether it cannot be written.
      recursiveReadOnly 4 string : Whether mounts below it cannot be written either.
      volumeStatus 5 VolumeStatus : More on volumes of its kind.

    VolumeStatus : More on a mounted volume.
      image 1 ImageVolumeStatus : Of a volume that is an image.

    ImageVolumeStatus : More on a volume that is an image.
      imageRef! 1 string : The image's digest.

    ContainerUser : The identity of a container's first process.
      linux 1 LinuxContainerUser : On Linux.

    LinuxContainerUser : An identity on Linux.
      uid! 1 int64 : User number.
      gid! 2 int64 : Group number.
      supplementalGroups 3 []int64 atomic : More groups.

    ResourceStatus : How the devices of one resource are.
      name! 1 string : The resource or claim.
      resources 2 []ResourceHealth map(resourceID) : Each device.

    ResourceHealth : How a device is.
      resourceID! 1 string : The device.
      health 2 string : Healthy, Unhealthy or Unknown.
      message 6 string : More on that.
    """#
}
