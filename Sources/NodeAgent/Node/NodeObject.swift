import JSONTree
import KubernetesAPI
import NetworkTypes

/// The Node object and its status. Pure.
struct NodeObject: Sendable {
  let configuration: NodeAgentConfiguration
  let machine: MachineFacts
  /// `containerd://1.6.20`.
  let runtimeVersion: String

  private var ownLabels: [String: String] {
    [
      "kubernetes.io/hostname": configuration.nodeName, "kubernetes.io/os": "linux",
      "kubernetes.io/arch": machine.architecture, "beta.kubernetes.io/os": "linux",
      "beta.kubernetes.io/arch": machine.architecture,
    ].merging(configuration.labels) { $1 }
  }

  func new(ready: (isReady: Bool, message: String), now: Timestamp) -> JSON {
    let labels = ownLabels.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    return [
      "apiVersion": "v1", "kind": "Node",
      "metadata": ["name": .string(configuration.nodeName), "labels": .object(JSONObject(labels))],
      "spec": [:],
      "status": status(previous: [:], ready: ready, now: now),
    ]
  }

  /// The patch that gives an existing Node our labels; `nil` where it has them.
  func labelPatch(for node: JSON) -> JSON? {
    let missing = ownLabels.filter { node.labels[$0.key] != $0.value }
    guard !missing.isEmpty else { return nil }
    let labels = missing.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    return ["metadata": ["labels": .object(JSONObject(labels))]]
  }

  /// What the node has, and gives to pods.
  static func capacity(_ configuration: NodeAgentConfiguration, _ machine: MachineFacts) -> JSON {
    [
      "cpu": .string("\(machine.milliCPU / 1000)"), "memory": .string("\(machine.memory / 1024)Ki"),
      "pods": .string("\(configuration.maximumPods)"),
      "ephemeral-storage": .string("\(machine.storage / 1024)Ki"), "hugepages-2Mi": "0", "hugepages-1Gi": "0",
    ]
  }

  func status(previous: JSON, ready: (isReady: Bool, message: String), now: Timestamp) -> JSON {
    let capacity = Self.capacity(configuration, machine)
    var addresses: [JSON] = configuration.nodeAddresses.map {
      ["type": "InternalIP", "address": .string($0.description)]
    }
    addresses.append(["type": "Hostname", "address": .string(configuration.nodeName)])
    return [
      "capacity": capacity, "allocatable": capacity, "addresses": .array(addresses),
      "daemonEndpoints": ["kubeletEndpoint": ["Port": .int(Int64(configuration.port))]],
      "conditions": .array(conditions(previous: previous, ready: ready, now: now)),
      "nodeInfo": [
        "machineID": .string(machine.machineID), "systemUUID": .string(machine.systemUUID),
        "bootID": .string(machine.bootID), "kernelVersion": .string(machine.kernelVersion),
        "osImage": .string(machine.operatingSystem), "containerRuntimeVersion": .string(runtimeVersion),
        "kubeletVersion": .string(configuration.kubernetesVersion), "kubeProxyVersion": "",
        "operatingSystem": "linux", "architecture": .string(machine.architecture),
      ],
    ]
  }

  private func conditions(previous: JSON, ready: (isReady: Bool, message: String), now: Timestamp) -> [JSON] {
    let pressures = [
      ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ]
    return pressures.map { condition($0.0, false, $0.1, $0.2, previous, now) } + [
      condition(
        "Ready", ready.isReady, ready.isReady ? "KubeletReady" : "KubeletNotReady", ready.message, previous, now)
    ]
  }

  private func condition(
    _ type: String, _ isTrue: Bool, _ reason: String, _ message: String, _ previous: JSON, _ now: Timestamp
  ) -> JSON {
    let old = (previous["conditions"]?.items ?? []).first { $0["type"]?.string == type }
    let status = isTrue ? "True" : "False"
    let since = old?["status"]?.string == status ? old?["lastTransitionTime"] : nil
    return [
      "type": .string(type), "status": .string(status), "lastHeartbeatTime": .string(now.description),
      "lastTransitionTime": since ?? .string(now.description), "reason": .string(reason),
      "message": .string(message),
    ]
  }
}
