package import JSONTree
import KubernetesAPI

/// Fields of a pod that this agent does not carry out. A pod that sets one stays Pending with an event that names it,
/// because a container that runs without what its author asked for is worse than one that does not run.
package enum UnsupportedFields {
  /// What the agent does with a field of PodSpec.
  package enum Treatment: Sendable, Hashable {
    /// Carried out here, or by the API server, the scheduler or the controllers.
    case supported
    /// Carried out but for members listed elsewhere in the tables.
    case partly
    /// Without effect on a Linux node by its definition.
    case noEffect
    case unsupported
  }

  /// Every field of `PodSpec`.
  package static let podSpec: [String: Treatment] = [
    "activeDeadlineSeconds": .unsupported, "affinity": .supported, "automountServiceAccountToken": .supported,
    "containers": .partly, "dnsConfig": .supported, "dnsPolicy": .supported, "enableServiceLinks": .supported,
    "ephemeralContainers": .unsupported, "hostAliases": .supported, "hostIPC": .supported, "hostNetwork": .supported,
    "hostPID": .supported, "hostUsers": .unsupported, "hostname": .supported, "hostnameOverride": .unsupported,
    "imagePullSecrets": .supported, "initContainers": .partly, "nodeName": .supported, "nodeSelector": .supported,
    "os": .noEffect, "overhead": .noEffect, "preemptionPolicy": .supported, "priority": .supported,
    "priorityClassName": .supported, "readinessGates": .supported, "resourceClaims": .unsupported,
    "resources": .unsupported, "restartPolicy": .supported, "runtimeClassName": .unsupported,
    "schedulerName": .supported, "schedulingGates": .supported, "schedulingGroup": .unsupported,
    "securityContext": .partly, "serviceAccount": .supported, "serviceAccountName": .supported,
    "setHostnameAsFQDN": .supported, "shareProcessNamespace": .supported, "subdomain": .supported,
    "terminationGracePeriodSeconds": .supported, "tolerations": .supported, "topologySpreadConstraints": .supported,
    "volumes": .partly, "workloadRef": .unsupported,
  ]

  /// Every field of `Container`.
  package static let container: [String: Treatment] = [
    "args": .supported, "command": .supported, "env": .partly, "envFrom": .supported, "image": .supported,
    "imagePullPolicy": .supported, "lifecycle": .partly, "livenessProbe": .partly, "name": .supported,
    "ports": .supported, "readinessProbe": .partly, "resizePolicy": .noEffect, "resources": .partly,
    "restartPolicy": .supported, "restartPolicyRules": .unsupported, "securityContext": .partly,
    "startupProbe": .partly, "stdin": .supported, "stdinOnce": .supported, "terminationMessagePath": .supported,
    "terminationMessagePolicy": .supported, "tty": .supported, "volumeDevices": .unsupported,
    "volumeMounts": .partly, "workingDir": .supported,
  ]

  /// Every kind of `Volume`, and its name.
  package static let volume: [String: Treatment] = {
    var result: [String: Treatment] = [
      "name": .supported, "configMap": .supported, "downwardAPI": .supported, "emptyDir": .supported,
      "hostPath": .supported, "projected": .partly, "secret": .supported,
    ]
    for name in [
      "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "ephemeral", "fc", "flexVolume",
      "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "image", "iscsi", "nfs", "persistentVolumeClaim",
      "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
    ] { result[name] = .unsupported }
    return result
  }()

  /// Members of nested messages that are not carried out, by the member that holds them.
  package static let nested: [String: Set<String>] = [
    "probe": ["grpc"],
    "lifecycle": ["stopSignal"],
    "volumeMount": ["subPath", "subPathExpr", "recursiveReadOnly"],
    "resources": ["claims"],
    "projectedSource": ["clusterTrustBundle", "podCertificate"],
    "securityContext": [
      "appArmorProfile", "fsGroupChangePolicy", "procMount", "seLinuxChangePolicy", "seLinuxOptions",
      "supplementalGroupsPolicy", "windowsOptions",
    ],
    "envSource": ["fileKeyRef"],
  ]

  /// The paths of what the pod sets and the agent does not carry out, in the order of the pod's own text.
  package static func found(in pod: JSON) -> [String] {
    var result: [String] = []
    for member in pod.spec.object?.members ?? [] where isSet(member.value) {
      if podSpec[member.key] ?? .unsupported == .unsupported { result.append("spec.\(member.key)") }
    }
    result += security(pod.spec["securityContext"], at: "spec.securityContext")
    for list in ["initContainers", "containers"] {
      for (index, container) in (pod.spec[list]?.items ?? []).enumerated() {
        result += found(inContainer: container, at: "spec.\(list)[\(index)]", isInit: list == "initContainers")
      }
    }
    for (index, volume) in (pod.spec["volumes"]?.items ?? []).enumerated() {
      let path = "spec.volumes[\(index)]"
      for member in volume.object?.members ?? [] where !member.value.isNull {
        if Self.volume[member.key] ?? .unsupported == .unsupported { result.append("\(path).\(member.key)") }
      }
      for (position, source) in (volume["projected"]?["sources"]?.items ?? []).enumerated() {
        result += members(of: source, in: "projectedSource", at: "\(path).projected.sources[\(position)]")
      }
    }
    return result
  }

  private static func found(inContainer container: JSON, at path: String, isInit: Bool) -> [String] {
    var result: [String] = []
    for member in container.object?.members ?? [] where isSet(member.value) {
      if Self.container[member.key] ?? .unsupported == .unsupported { result.append("\(path).\(member.key)") }
    }
    if !isInit, container["restartPolicy"] != nil { result.append("\(path).restartPolicy") }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
      if let value = container[probe] { result += members(of: value, in: "probe", at: "\(path).\(probe)") }
    }
    if let value = container["lifecycle"] { result += members(of: value, in: "lifecycle", at: "\(path).lifecycle") }
    if let value = container["resources"] { result += members(of: value, in: "resources", at: "\(path).resources") }
    result += security(container["securityContext"], at: "\(path).securityContext")
    for (index, mount) in (container["volumeMounts"]?.items ?? []).enumerated() {
      result += members(of: mount, in: "volumeMount", at: "\(path).volumeMounts[\(index)]")
    }
    for (index, variable) in (container["env"]?.items ?? []).enumerated() {
      if let source = variable["valueFrom"] {
        result += members(of: source, in: "envSource", at: "\(path).env[\(index)].valueFrom")
      }
    }
    return result
  }

  private static func security(_ context: JSON?, at path: String) -> [String] {
    guard let context else { return [] }
    var result = members(of: context, in: "securityContext", at: path)
    if context["seccompProfile"]?["type"]?.string == "Localhost" { result.append("\(path).seccompProfile") }
    // The default asks for nothing.
    if context["procMount"]?.string == "Default" { result.removeAll { $0.hasSuffix(".procMount") } }
    if context["supplementalGroupsPolicy"]?.string == "Merge" {
      result.removeAll { $0.hasSuffix(".supplementalGroupsPolicy") }
    }
    return result
  }

  private static func members(of value: JSON, in message: String, at path: String) -> [String] {
    let names = nested[message] ?? []
    return (value.object?.members ?? []).filter { names.contains($0.key) && isSet($0.value) }.map {
      "\(path).\($0.key)"
    }
  }

  /// Whether a value asks for anything: an empty list, an empty text or `false` is what its absence means.
  private static func isSet(_ value: JSON) -> Bool {
    switch value {
    case .null, .bool(false): false
    case .array(let items): !items.isEmpty
    case .string(let text): !text.isEmpty
    case .object(let object): !object.isEmpty
    default: true
    }
  }
}
