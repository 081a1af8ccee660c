import JSONTree
import SwitchboardTesting
import Testing

@Suite(.serialized) struct ClusterKubectlTests {
  @Test func applyGetDescribeScaleDelete() throws {
    try SharedLab.withNamespace("kubectl") { lab in
      let manifest = Manifest.deployment("web", replicas: 2)
      #expect(try lab.kubectl("-n", "kubectl", "apply", "-f", "-", input: manifest) == "deployment.apps/web created")
      #expect(try lab.kubectl("-n", "kubectl", "apply", "-f", "-", input: manifest) == "deployment.apps/web unchanged")
      try lab.kubectl("-n", "kubectl", "rollout", "status", "deployment/web", "--timeout=30s")
      let row = try lab.kubectl("-n", "kubectl", "get", "deployment", "web", "--no-headers")
      #expect(row.split(separator: " ").prefix(4) == ["web", "2/2", "2", "2"])
      #expect(try lab.kubectl("-n", "kubectl", "describe", "deployment", "web").contains("2 available"))
      try lab.kubectl("-n", "kubectl", "scale", "deployment", "web", "--replicas=3")
      try lab.kubectl("-n", "kubectl", "rollout", "status", "deployment/web", "--timeout=30s")
      #expect(
        try lab.kubectl("-n", "kubectl", "get", "pods", "-l", "app=web", "-o", "name").split(separator: "\n").count == 3
      )
      try lab.kubectl("-n", "kubectl", "delete", "deployment", "web")
      try lab.kubectl("-n", "kubectl", "wait", "--for=delete", "pod", "-l", "app=web", "--timeout=30s")
    }
  }

  @Test func editChangesWhatTheEditorChanged() throws {
    try SharedLab.withNamespace("edit") { lab in
      try lab.kubectl("-n", "edit", "create", "configmap", "colours", "--from-literal=first=red")
      try lab.shell("KUBE_EDITOR='sed -i s/red/green/' kubectl -n edit edit configmap colours")
      #expect(try lab.kubectl("-n", "edit", "get", "configmap", "colours", "-o", "jsonpath={.data.first}") == "green")
    }
  }

  @Test func apiResourcesAndExplain() throws {
    let lab = try SharedLab.session()
    let resources = try lab.kubectl("api-resources", "-o", "name").split(separator: "\n")
    for name in [
      "pods", "services", "deployments.apps", "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io",
    ] {
      #expect(resources.contains(Substring(name)))
    }
    #expect(try lab.kubectl("explain", "pod.spec.containers.image").contains("FIELD: image"))
  }

  @Test func thePartsOfTheControlPlaneAreWell() throws {
    let output = try SharedLab.session().run(["kubectl", "get", "cs"])
    let lines = output.text.split(separator: "\n")
    #expect(lines.first == "Warning: v1 ComponentStatus is deprecated in v1.19+", "\(output.text)")
    let rows = lines.dropFirst(2).map { $0.split(separator: " ") }
    #expect(
      rows == [
        ["controller-manager", "Healthy", "ok"], ["etcd-0", "Healthy", "ok"], ["scheduler", "Healthy", "ok"],
      ],
      "\(output.text)")
  }

  @Test func whatIsWrongIsRefused() throws {
    let lab = try SharedLab.session()
    func refusal(_ manifest: String) throws -> String {
      let output = try lab.run(["kubectl", "apply", "-f", "-"], input: manifest)
      #expect(output.code == 1)
      return output.text
    }
    let unknown = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndatum: {}\n"
    #expect(try refusal(unknown).contains("unknown field \"datum\""))
    #expect(try refusal("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_B}\n").contains("Invalid value: \"A_B\""))
    #expect(try refusal("kind: [").contains("error parsing"))
    let wrongType = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: eighty}]}\n"
    #expect(try refusal(wrongType).contains("spec.ports.port of type int32"))
  }
}
