import JSONTree

/// The defaults that depend on other fields, by the full name of the message they belong to.
enum ComputedDefaults {
  typealias Rule = @Sendable (inout JSONObject) -> Void

  private static let core = "io.k8s.api.core.v1"
  private static let apps = "io.k8s.api.apps.v1"
  private static let batch = "io.k8s.api.batch.v1"
  private static let networking = "io.k8s.api.networking.v1"
  private static let rbac = "io.k8s.api.rbac.v1"

  /// Run before a message's table defaults and before its members.
  static let before: [String: Rule] = [
    "\(core).PodSpec": podSpec,
    "\(core).Container": imagePullPolicy,
    "\(core).EphemeralContainer": imagePullPolicy,
    "\(core).ImageVolumeSource": imageVolumePullPolicy,
    "\(core).Volume": volume,
    "\(core).ServiceSpec": serviceSpec,
    "\(core).LoadBalancerIngress": loadBalancerIngress,
    "\(core).Namespace": namespace,
    "\(core).NodeStatus": nodeStatus,
    "\(core).Secret": secret,
    "\(core).ReplicationController": replicationController,
    "\(core).LimitRangeItem": limitRangeItem,
    "\(batch).Job": job,
    "\(batch).JobSpec": jobSpec,
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec": horizontalPodAutoscalerSpec,
    "\(networking).NetworkPolicySpec": networkPolicySpec,
    "\(networking).NetworkPolicyPort": networkPolicyPort,
    "io.k8s.api.storage.v1.CSIDriverSpec": csiDriverSpec,
    "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec": priorityLevelSpec,
    "\(rbac).RoleRef": roleRef,
    "\(rbac).Subject": subject,
  ]

  /// Run after a message's table defaults and after its members.
  static let after: [String: Rule] = [
    "\(core).Pod": pod,
    "\(core).ServicePort": servicePort,
    "\(apps).DeploymentStrategy": deploymentStrategy,
    "\(apps).StatefulSetUpdateStrategy": statefulSetUpdateStrategy,
    "\(apps).DaemonSetUpdateStrategy": daemonSetUpdateStrategy,
  ]

  private static let deploymentStrategy: Rule = { strategy in
    guard strategy["type"] == "RollingUpdate" else { return }
    var rolling = strategy["rollingUpdate"] ?? [:]
    for key in ["maxUnavailable", "maxSurge"] where rolling[key] == nil { rolling[key] = "25%" }
    strategy["rollingUpdate"] = rolling
  }

  private static let namespace: Rule = { namespace in
    guard var metadata = namespace["metadata"], let name = metadata["name"], name != "" else { return }
    metadata[path: "labels", "kubernetes.io/metadata.name"] = name
    namespace["metadata"] = metadata
  }

  private static let priorityLevelSpec: Rule = { spec in
    if spec["type"] == "Exempt", spec["exempt"] == nil { spec["exempt"] = [:] }
  }

  private static let nodeStatus: Rule = { status in
    if status["allocatable"] == nil { status["allocatable"] = status["capacity"] }
  }

  /// `stringData` is written only: its texts become entries of `data`.
  private static let secret: Rule = { secret in
    guard case .object(let texts) = secret["stringData"] else { return }
    var data = secret["data"] ?? [:]
    for member in texts.members {
      if let text = member.value.string { data[member.key] = .string(Base64.encode(text.utf8)) }
    }
    secret["stringData"] = nil
    secret["data"] = data
  }
}
