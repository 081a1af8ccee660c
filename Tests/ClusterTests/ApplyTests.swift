import JSONTree
import SwitchboardTesting
import Testing

/// Server-side apply with the real kubectl.
@Suite(.serialized) struct ClusterApplyTests {
  private static func configMap(_ data: String, labels: String = "{}") -> String {
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: colours\n  labels: \(labels)\ndata: \(data)\n"
  }

  private static let service = """
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec:
      selector: {app: web}
      ports: [{name: http, port: 80}, {name: https, port: 443}]
    """

  @Test func applyConflictForceAndRemoval() throws {
    try SharedLab.withNamespace("ssa") { lab in
      func apply(_ manifest: String, _ options: String...) throws -> (code: Int32, text: String) {
        let output = try lab.run(
          ["kubectl", "-n", "ssa", "apply", "--server-side", "-f", "-"] + options, input: manifest)
        return (Int32(output.code), output.text)
      }
      func data() throws -> String {
        try lab.kubectl("-n", "ssa", "get", "configmap", "colours", "-o", "jsonpath={.data}")
      }
      let manifest = Self.configMap("{first: red, second: blue}", labels: "{a: b}")
      for _ in 0..<2 {
        let output = try apply(manifest)
        #expect(output.code == 0 && output.text.contains("configmap/colours serverside-applied"), "\(output.text)")
      }
      let version = try lab.kubectl(
        "-n", "ssa", "get", "configmap", "colours", "-o", "jsonpath={.metadata.resourceVersion}")
      _ = try apply(manifest)
      #expect(
        try lab.kubectl("-n", "ssa", "get", "configmap", "colours", "-o", "jsonpath={.metadata.resourceVersion}")
          == version)
      let diff = try lab.run(
        ["kubectl", "-n", "ssa", "diff", "--server-side", "-f", "-"],
        input: Self.configMap("{first: red, second: green}", labels: "{a: b}"))
      #expect(diff.code == 1 && diff.text.contains("+  second: green"), "\(diff.text)")

      try lab.kubectl("-n", "ssa", "patch", "configmap", "colours", "-p", #"{"data":{"first":"black"}}"#)
      let refused = try apply(manifest)
      #expect(refused.code == 1 && refused.text.contains("conflict"), "\(refused.text)")
      #expect(refused.text.contains("\"kubectl-patch\" using v1: .data.first"), "\(refused.text)")
      #expect(try apply(manifest, "--force-conflicts").code == 0)
      #expect(try data() == #"{"first":"red","second":"blue"}"#)

      #expect(try apply(Self.configMap("{second: blue}")).code == 0)
      #expect(try data() == #"{"second":"blue"}"#)
      #expect(try lab.kubectl("-n", "ssa", "get", "configmap", "colours", "-o", "jsonpath={.metadata.labels}") == "")
      let unknown = try apply(Self.configMap("{second: blue}") + "datum: {}\n")
      #expect(unknown.code == 1 && unknown.text.contains(".datum: field not declared in schema"), "\(unknown.text)")
    }
  }

  @Test func clientSideApplyMovesToTheServer() throws {
    try SharedLab.withNamespace("csa") { lab in
      try lab.kubectl("-n", "csa", "apply", "-f", "-", input: Self.service)
      let less = Self.service.replacing(", {name: https, port: 443}", with: "")
      let output = try lab.run(["kubectl", "-n", "csa", "apply", "--server-side", "-f", "-"], input: less)
      #expect(output.code == 0, "\(output.text)")
      #expect(try lab.kubectl("-n", "csa", "get", "service", "web", "-o", "jsonpath={.spec.ports[*].port}") == "80")
      let managers = try lab.kubectl(
        "-n", "csa", "get", "service", "web", "--show-managed-fields", "-o",
        "jsonpath={.metadata.managedFields[*].manager}")
      #expect(managers.split(separator: " ").contains("kubectl"))
      #expect(!managers.contains("client-side"))
      try lab.kubectl("-n", "csa", "apply", "-f", "-", input: Self.service)
      #expect(
        try lab.kubectl("-n", "csa", "get", "service", "web", "-o", "jsonpath={.spec.ports[*].port}") == "80 443")
    }
  }

  @Test func labelAnnotateEditAndScaleAreRecorded() throws {
    try SharedLab.withNamespace("verbs") { lab in
      try lab.kubectl("-n", "verbs", "create", "deployment", "web", "--image=web:1", "--replicas=0")
      try lab.kubectl("-n", "verbs", "label", "deployment", "web", "tier=front")
      try lab.kubectl("-n", "verbs", "annotate", "deployment", "web", "note=x")
      try lab.kubectl("-n", "verbs", "scale", "deployment", "web", "--replicas=0", "--current-replicas=0")
      try lab.shell("KUBE_EDITOR='sed -i s/front/back/' kubectl -n verbs edit deployment web")
      let object = try JSON.parse(
        lab.kubectl("-n", "verbs", "get", "deployment", "web", "--show-managed-fields", "-o", "json"))
      let entries = object[path: "metadata", "managedFields"]?.items ?? []
      func fields(_ manager: String) -> JSON? { entries.first { $0["manager"]?.string == manager }?["fieldsV1"] }
      #expect(fields("kubectl-edit")?[path: "f:metadata", "f:labels", "f:tier"] != nil)
      #expect(fields("kubectl-label")?[path: "f:metadata", "f:labels", "f:tier"] == nil)
      #expect(fields("kubectl-annotate")?[path: "f:metadata", "f:annotations", "f:note"] != nil)
      #expect(fields("kubectl-create")?[path: "f:spec", "f:replicas"] != nil)
    }
  }
}
