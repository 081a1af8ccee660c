import JSONTree
import KubernetesAPI

/// Upstream's ServiceAccount admission: every pod runs as an account of its namespace and finds the account's token, the
/// cluster's certificate authority and its namespace's name in its containers.
enum ServiceAccountAdmission {
  private static let mountPath = "/var/run/secrets/kubernetes.io/serviceaccount"
  /// Seconds a projected token is valid, as upstream's API server asks for.
  private static let tokenLifetime: Int64 = 3607

  static func admit(_ pod: inout JSON, registry: Registry) throws(APIStatus) {
    // A mirror pod describes what a node already runs.
    if pod.annotations["kubernetes.io/config.mirror"] != nil { return }
    let name =
      pod[path: "spec", "serviceAccountName"]?.string ?? pod[path: "spec", "serviceAccount"]?.string ?? "default"
    pod[path: "spec", "serviceAccountName"] = .string(name)
    pod[path: "spec", "serviceAccount"] = .string(name)
    let accountName = ObjectName(namespace: pod.namespace, name: name)
    guard let account = try registry.object(.serviceAccounts, accountName)?.tree() else {
      throw .forbidden(
        .pods, pod.name, "error looking up service account \(accountName): serviceaccount \"\(name)\" not found")
    }
    let mounts =
      pod[path: "spec", "automountServiceAccountToken"]?.bool ?? account["automountServiceAccountToken"]?.bool ?? true
    if mounts { mountToken(&pod) }
    if pod[path: "spec", "imagePullSecrets"]?.items.isEmpty ?? true, let secrets = account["imagePullSecrets"] {
      pod[path: "spec", "imagePullSecrets"] = secrets
    }
  }

  private static func mountToken(_ pod: inout JSON) {
    var volumes = pod[path: "spec", "volumes"]?.items ?? []
    let existing = volumes.first { $0["name"]?.string?.hasPrefix("kube-api-access-") == true }?["name"]?.string
    let volumeName = existing ?? "kube-api-access-\(GeneratedName.suffix(5))"
    var isMounted = false
    for list in ["initContainers", "containers"] {
      guard let containers = pod[path: "spec", list]?.array else { continue }
      pod[path: "spec", list] = .array(
        containers.map { container in
          var container = container
          var mounts = container["volumeMounts"]?.items ?? []
          if mounts.contains(where: { $0["mountPath"]?.string == mountPath }) { return container }
          mounts.append(["name": .string(volumeName), "readOnly": true, "mountPath": .string(mountPath)])
          container["volumeMounts"] = .array(mounts)
          isMounted = true
          return container
        })
    }
    guard isMounted, existing == nil else { return }
    volumes.append(volume(named: volumeName))
    pod[path: "spec", "volumes"] = .array(volumes)
  }

  private static func volume(named name: String) -> JSON {
    [
      "name": .string(name),
      "projected": [
        "sources": [
          ["serviceAccountToken": ["expirationSeconds": .int(tokenLifetime), "path": "token"]],
          ["configMap": ["name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]]]],
          [
            "downwardAPI": [
              "items": [
                ["path": "namespace", "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"]]
              ]
            ]
          ],
        ],
        "defaultMode": 420,
      ],
    ]
  }
}
