import APIClient
import JSONTree
import KubernetesAPI

/// Fetches the objects that a pod's environment and volumes refer to.
struct PodObjects: Sendable {
  let client: APIClient
  let tokens: TokenCache

  /// The names of ConfigMaps and Secrets the pod refers to anywhere.
  static func references(of pod: JSON) -> (configMaps: Set<String>, secrets: Set<String>) {
    var configMaps: Set<String> = []
    var secrets: Set<String> = []
    func add(_ reference: JSON?, _ names: inout Set<String>, key: String = "name") {
      if let name = reference?[key]?.string, !name.isEmpty { names.insert(name) }
    }
    for container in pod.initContainers + pod.containers + pod.ephemeralContainers {
      for source in container["envFrom"]?.items ?? [] {
        add(source["configMapRef"], &configMaps)
        add(source["secretRef"], &secrets)
      }
      for variable in container["env"]?.items ?? [] {
        add(variable["valueFrom"]?["configMapKeyRef"], &configMaps)
        add(variable["valueFrom"]?["secretKeyRef"], &secrets)
      }
    }
    for volume in pod.spec["volumes"]?.items ?? [] {
      add(volume["configMap"], &configMaps)
      add(volume["secret"], &secrets, key: "secretName")
      for source in volume["projected"]?["sources"]?.items ?? [] {
        add(source["configMap"], &configMaps)
        add(source["secret"], &secrets)
      }
    }
    for reference in pod.spec["imagePullSecrets"]?.items ?? [] { add(reference, &secrets) }
    return (configMaps, secrets)
  }

  /// How the runtime is to run the pod (`runtimeClassName`); empty: as it usually does.
  func runtimeHandler(of pod: JSON) async throws -> String {
    guard let name = pod.spec["runtimeClassName"]?.string, !name.isEmpty else { return "" }
    guard let object = try await client.find(.runtimeClasses, name: name) else {
      throw NodeAgentError(.failedCreatePodSandbox, "runtimeclass.node.k8s.io \"\(name)\" not found")
    }
    return object["handler"]?.string ?? ""
  }

  /// Everything the pod refers to that exists, with a token for each `serviceAccountToken` source.
  func fetch(for pod: JSON) async throws -> VolumeSources {
    let names = Self.references(of: pod)
    var sources = VolumeSources()
    for name in names.configMaps {
      sources.configMaps[name] = try await client.find(.configMaps, namespace: pod.namespace, name: name)
    }
    for name in names.secrets {
      sources.secrets[name] = try await client.find(.secrets, namespace: pod.namespace, name: name)
    }
    for (index, volume) in (pod.spec["volumes"]?.items ?? []).enumerated() {
      for (position, source) in (volume["projected"]?["sources"]?.items ?? []).enumerated() {
        guard let request = source["serviceAccountToken"] else { continue }
        sources.tokens["\(index).\(position)"] = try await tokens.token(for: pod, request: request, client: client)
      }
    }
    return sources
  }
}
