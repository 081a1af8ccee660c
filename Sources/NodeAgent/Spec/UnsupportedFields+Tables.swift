extension UnsupportedFields {
  /// What is done with each field, by the short names of the messages a pod is made of. A message that only
  /// unsupported fields lead to needs no table.
  package static let tables: [String: [String: Treatment]] = containers.merging(securityAndVolumes) { $1 }
    .merging(["PodSpec": podSpec]) { $1 }

  private static let podSpec: [String: Treatment] = [
    "activeDeadlineSeconds": .supported, "affinity": .elsewhere, "automountServiceAccountToken": .elsewhere,
    "containers": .partly, "dnsConfig": .partly, "dnsPolicy": .supported, "enableServiceLinks": .supported,
    "ephemeralContainers": .partly, "hostAliases": .partly, "hostIPC": .supported, "hostNetwork": .supported,
    "hostPID": .supported, "hostUsers": .only(["true"]), "hostname": .supported, "hostnameOverride": .supported,
    "imagePullSecrets": .partly, "initContainers": .partly, "nodeName": .elsewhere, "nodeSelector": .elsewhere,
    "os": .partly, "overhead": .elsewhere, "preemptionPolicy": .elsewhere, "priority": .elsewhere,
    "priorityClassName": .elsewhere, "readinessGates": .partly, "resourceClaims": .unsupported,
    "resources": .unsupported, "restartPolicy": .supported, "runtimeClassName": .supported,
    "schedulerName": .elsewhere, "schedulingGates": .elsewhere, "schedulingGroup": .unsupported,
    "securityContext": .partly, "serviceAccount": .supported, "serviceAccountName": .supported,
    "setHostnameAsFQDN": .supported, "shareProcessNamespace": .supported, "subdomain": .supported,
    "terminationGracePeriodSeconds": .supported, "tolerations": .elsewhere, "topologySpreadConstraints": .elsewhere,
    "volumes": .partly,
  ]

  private static let containers: [String: [String: Treatment]] = [
    "Container": [
      "args": .supported, "command": .supported, "env": .partly, "envFrom": .partly, "image": .supported,
      "imagePullPolicy": .supported, "lifecycle": .partly, "livenessProbe": .partly, "name": .supported,
      "ports": .partly, "readinessProbe": .partly, "resizePolicy": .partly, "resources": .partly,
      "restartPolicy": .supported, "restartPolicyRules": .partly, "securityContext": .partly,
      "startupProbe": .partly, "stdin": .supported, "stdinOnce": .supported, "terminationMessagePath": .supported,
      "terminationMessagePolicy": .supported, "tty": .supported, "volumeDevices": .unsupported,
      "volumeMounts": .partly, "workingDir": .supported,
    ],
    "ContainerResizePolicy": ["resourceName": .supported, "restartPolicy": .supported],
    // The API lets these few be set only; what else there is would be refused here as well.
    "EphemeralContainer": [
      "args": .supported, "command": .supported, "env": .partly, "envFrom": .partly, "image": .supported,
      "imagePullPolicy": .supported, "lifecycle": .unsupported, "livenessProbe": .unsupported, "name": .supported,
      "ports": .unsupported, "readinessProbe": .unsupported, "resizePolicy": .noEffect, "resources": .unsupported,
      "restartPolicy": .unsupported, "restartPolicyRules": .unsupported, "securityContext": .partly,
      "startupProbe": .unsupported, "stdin": .supported, "stdinOnce": .supported, "targetContainerName": .supported,
      "terminationMessagePath": .supported, "terminationMessagePolicy": .supported, "tty": .supported,
      "volumeDevices": .unsupported, "volumeMounts": .partly, "workingDir": .supported,
    ],
    // The node's ports are the Service proxy's affair.
    "ContainerPort": [
      "containerPort": .supported, "hostIP": .supported, "hostPort": .supported, "name": .supported,
      "protocol": .supported,
    ],
    "ContainerRestartRule": ["action": .only(["Restart", "RestartAllContainers"]), "exitCodes": .partly],
    "ContainerRestartRuleOnExitCodes": ["operator": .supported, "values": .supported],
    "ConfigMapEnvSource": ["name": .supported, "optional": .supported],
    "ConfigMapKeySelector": ["key": .supported, "name": .supported, "optional": .supported],
    "EnvFromSource": ["configMapRef": .partly, "prefix": .supported, "secretRef": .partly],
    "EnvVar": ["name": .supported, "value": .supported, "valueFrom": .partly],
    "EnvVarSource": [
      "configMapKeyRef": .partly, "fieldRef": .partly, "fileKeyRef": .partly, "resourceFieldRef": .partly,
      "secretKeyRef": .partly,
    ],
    "ExecAction": ["command": .supported],
    "FileKeySelector": ["key": .supported, "optional": .supported, "path": .supported, "volumeName": .supported],
    "GRPCAction": ["port": .supported, "service": .supported],
    "HTTPGetAction": [
      "host": .supported, "httpHeaders": .partly, "path": .supported, "port": .supported, "scheme": .supported,
    ],
    "HTTPHeader": ["name": .supported, "value": .supported],
    "Lifecycle": ["postStart": .partly, "preStop": .partly, "stopSignal": .supported],
    "LifecycleHandler": ["exec": .partly, "httpGet": .partly, "sleep": .partly, "tcpSocket": .partly],
    // There is one version of the paths.
    "ObjectFieldSelector": ["apiVersion": .noEffect, "fieldPath": .supported],
    "Probe": [
      "exec": .partly, "failureThreshold": .supported, "grpc": .partly, "httpGet": .partly,
      "initialDelaySeconds": .supported, "periodSeconds": .supported, "successThreshold": .supported,
      "tcpSocket": .partly, "terminationGracePeriodSeconds": .supported, "timeoutSeconds": .supported,
    ],
    "ResourceFieldSelector": ["containerName": .supported, "divisor": .supported, "resource": .supported],
    "ResourceRequirements": ["claims": .unsupported, "limits": .supported, "requests": .supported],
    "SecretEnvSource": ["name": .supported, "optional": .supported],
    "SecretKeySelector": ["key": .supported, "name": .supported, "optional": .supported],
    "SleepAction": ["seconds": .supported],
    "TCPSocketAction": ["host": .supported, "port": .supported],
    "VolumeMount": [
      "mountPath": .supported, "mountPropagation": .supported, "name": .supported, "readOnly": .supported,
      // Where the runtime cannot, what is only wanted if possible is not done.
      "recursiveReadOnly": .only(["Disabled", "IfPossible"]), "subPath": .supported, "subPathExpr": .supported,
    ],
  ]

  private static let securityAndVolumes: [String: [String: Treatment]] = [
    "Capabilities": ["add": .supported, "drop": .supported],
    "HostAlias": ["hostnames": .supported, "ip": .supported],
    "LocalObjectReference": ["name": .supported],
    "PodDNSConfig": ["nameservers": .supported, "options": .partly, "searches": .supported],
    "PodDNSConfigOption": ["name": .supported, "value": .supported],
    // Another system's pod is refused when it comes, as one with another policy for its groups.
    "PodOS": ["name": .supported],
    "PodReadinessGate": ["conditionType": .supported],
    "PodSecurityContext": [
      // Volumes of the kinds that are supported are always given to the group as they are made.
      "appArmorProfile": .partly, "fsGroup": .supported, "fsGroupChangePolicy": .noEffect,
      "runAsGroup": .supported, "runAsNonRoot": .supported, "runAsUser": .supported,
      // It is about volumes that could have labels of SELinux.
      "seLinuxChangePolicy": .noEffect, "seLinuxOptions": .partly, "seccompProfile": .partly,
      "supplementalGroups": .supported,
      "supplementalGroupsPolicy": .supported, "sysctls": .partly, "windowsOptions": .unsupported,
    ],
    "AppArmorProfile": ["localhostProfile": .unsupported, "type": .only(["Unconfined"])],
    "SELinuxOptions": ["level": .supported, "role": .supported, "type": .supported, "user": .supported],
    "SeccompProfile": ["localhostProfile": .supported, "type": .supported],
    "SecurityContext": [
      "allowPrivilegeEscalation": .supported, "appArmorProfile": .partly, "capabilities": .partly,
      "privileged": .supported, "procMount": .only(["Default"]), "readOnlyRootFilesystem": .supported,
      "runAsGroup": .supported, "runAsNonRoot": .supported, "runAsUser": .supported, "seLinuxOptions": .partly,
      "seccompProfile": .partly, "windowsOptions": .unsupported,
    ],
    "Sysctl": ["name": .supported, "value": .supported],

    "Volume": {
      var result: [String: Treatment] = [
        "name": .supported, "configMap": .partly, "downwardAPI": .partly, "emptyDir": .partly, "hostPath": .partly,
        "projected": .partly, "secret": .partly,
      ]
      for name in [
        "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "ephemeral", "fc", "flexVolume",
        "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "image", "iscsi", "nfs", "persistentVolumeClaim",
        "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
      ] { result[name] = .unsupported }
      return result
    }(),
    "ConfigMapProjection": ["items": .partly, "name": .supported, "optional": .supported],
    "ConfigMapVolumeSource": [
      "defaultMode": .supported, "items": .partly, "name": .supported, "optional": .supported,
    ],
    "DownwardAPIProjection": ["items": .partly],
    "DownwardAPIVolumeFile": [
      "fieldRef": .partly, "mode": .supported, "path": .supported, "resourceFieldRef": .partly,
    ],
    "DownwardAPIVolumeSource": ["defaultMode": .supported, "items": .partly],
    "EmptyDirVolumeSource": ["medium": .only(["Memory"]), "sizeLimit": .supported],
    "HostPathVolumeSource": ["path": .supported, "type": .supported],
    "KeyToPath": ["key": .supported, "mode": .supported, "path": .supported],
    "ProjectedVolumeSource": ["defaultMode": .supported, "sources": .partly],
    "SecretProjection": ["items": .partly, "name": .supported, "optional": .supported],
    "SecretVolumeSource": [
      "defaultMode": .supported, "items": .partly, "optional": .supported, "secretName": .supported,
    ],
    "ServiceAccountTokenProjection": [
      "audience": .supported, "expirationSeconds": .supported, "path": .supported,
    ],
    "VolumeProjection": [
      "clusterTrustBundle": .unsupported, "configMap": .partly, "downwardAPI": .partly, "podCertificate": .unsupported,
      "secret": .partly, "serviceAccountToken": .partly,
    ],
  ]
}
