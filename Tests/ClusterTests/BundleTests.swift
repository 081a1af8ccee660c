import SwitchboardTesting
import Testing

/// A bundle as Helm would install it, applied on the server's side, upgraded, and removed with nothing left.
@Suite struct ClusterBundleTests {
  private static func bundle(version: String, replicas: Int, withCache: Bool) -> String {
    let cache = """
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cache, namespace: shop, labels: {app.kubernetes.io/instance: shop}}
      spec: {selector: {app: cache}, ports: [{port: 6379}]}
      """
    return """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {app.kubernetes.io/instance: shop}}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/instance: shop}}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/instance: shop}}
      rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/instance: shop}}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
      subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/instance: shop}}
      data: {version: "\(version)"}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/instance: shop}}
      spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/instance: shop}}
      spec:
        replicas: \(replicas)
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web, version: "\(version)"}}
          spec:
            serviceAccountName: web
            containers:
            - name: web
              image: switchboard/busybox:1
              command: [serve-hostname]
              ports: [{name: http, containerPort: 8080}]
              readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
              envFrom: [{configMapRef: {name: web}}]
      ---
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: migrate-\(version)
        namespace: shop
        labels: {app.kubernetes.io/instance: shop}
        annotations: {helm.sh/hook: pre-upgrade}
      spec:
        template:
          spec: {restartPolicy: Never, containers: [{name: migrate, image: "switchboard/busybox:1", command: ["true"]}]}
      \(withCache ? cache : "")
      """
  }

  @Test func isAppliedUpgradedAndRemoved() throws {
    let lab = try SharedLab.session()
    func apply(_ text: String, _ options: String...) throws -> String {
      let arguments = ["kubectl", "apply", "--server-side", "--field-manager=helm"] + options + ["-f", "-"]
      let output = try lab.run(arguments, input: text)
      #expect(output.code == 0, "\(output.text)")
      return output.text
    }
    let first = Self.bundle(version: "1", replicas: 2, withCache: true)
    _ = try apply(first)
    try lab.kubectl("-n", "shop", "rollout", "status", "deployment/web", "--timeout=60s")
    // The same again changes nothing.
    let kinds = "sa,role,rolebinding,svc,deploy,job"
    let revisions = try lab.kubectl("-n", "shop", "get", kinds, "-o", "jsonpath={.items[*].metadata.uid}")
    _ = try apply(first)
    #expect(
      try lab.kubectl("-n", "shop", "get", kinds, "-o", "jsonpath={.items[*].metadata.uid}") == revisions)
    // The account may do what its role says.
    let account = "--as=system:serviceaccount:shop:web"
    #expect(try lab.kubectl("-n", "shop", account, "get", "cm", "web", "-o", "jsonpath={.data.version}") == "1")
    #expect(try lab.run(["kubectl", "-n", "shop", account, "get", "secrets"]).code != 0)
    // Somebody else scales; the upgrade says that this is a conflict, and wins where it insists.
    try lab.kubectl("-n", "shop", "scale", "deployment/web", "--replicas=1")
    let second = Self.bundle(version: "2", replicas: 3, withCache: false)
    let conflict = try lab.run(
      ["kubectl", "apply", "--server-side", "--field-manager=helm", "-f", "-"], input: second)
    #expect(conflict.code != 0 && conflict.text.contains(".spec.replicas"), "\(conflict.text)")
    _ = try apply(second, "--force-conflicts")
    try lab.kubectl("-n", "shop", "rollout", "status", "deployment/web", "--timeout=60s")
    #expect(try lab.kubectl("-n", "shop", "get", "deploy", "web", "-o", "jsonpath={.status.readyReplicas}") == "3")
    // What the new bundle no longer has goes by its label, as Helm would; then all of it.
    try lab.kubectl("-n", "shop", "delete", "svc/cache", "job/migrate-1")
    try lab.kubectl("delete", "namespace", "shop", "--timeout=60s", seconds: 90)
    let left = try lab.shell(
      "kubectl api-resources --verbs=list --namespaced -o name | xargs -n1 kubectl get -A --no-headers "
        + "--ignore-not-found -l app.kubernetes.io/instance=shop 2>&1 | grep -vE '^(No resources found|Warning: v1 Endpoints)'; "
        + "kubectl get pods -A --no-headers 2>/dev/null | grep '^shop ' || true"
    )
    #expect(left == "", "\(left)")
  }
}
