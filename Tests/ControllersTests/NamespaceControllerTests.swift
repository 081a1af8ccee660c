import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

@Suite("Namespace controller", .timeLimit(.minutes(5)))
struct NamespaceControllerTests {
  private let run = ControllerRun()
  private var controllers: [NamespaceController] {
    [NamespaceController(context: run.context, certificateAuthority: "PEM")]
  }

  @Test func furnishesEveryNamespace() async throws {
    try await run(controllers) {
      _ = try await run.client.create(.namespaces, ["metadata": ["name": "shop"]])
      await run.wait(.serviceAccounts, "one each") {
        Set($0.map { "\($0.objectName)" }) == ["default/default", "kube-system/default", "shop/default"]
      }
      await run.wait(.configMaps, "the CA in each") {
        $0.count == 3 && $0.allSatisfy { $0["data"] == ["ca.crt": "PEM"] }
      }
    }
  }

  @Test func putsBackWhatIsTakenAway() async throws {
    try await run(controllers) {
      let name = "kube-root-ca.crt"
      await run.wait(.configMaps, "two") { $0.count == 2 }
      try await run.client.delete(.configMaps, namespace: "default", name: name)
      await run.wait(.configMaps, "two again") { $0.count == 2 }
      _ = try await run.client.patch(
        .configMaps, namespace: "default", name: name, ["data": ["ca.crt": "forged"]])
      await run.wait(.configMaps, "mended") { $0.allSatisfy { $0["data"] == ["ca.crt": "PEM"] } }
    }
  }

  @Test func emptiesADeletedNamespaceThenLetsItGo() async throws {
    try await run(controllers) {
      _ = try await run.client.create(.namespaces, ["metadata": ["name": "shop"]])
      await run.wait(.configMaps, "furnished") { $0.count == 3 }
      _ = try await run.client.create(
        .secrets, ["metadata": ["name": "held", "namespace": "shop", "finalizers": ["test/hold"]]])
      try await run.client.delete(.namespaces, name: "shop")
      await run.wait(.namespaces, "says what holds it") { namespaces in
        namespaces.first { $0.name == "shop" }?.condition("NamespaceFinalizersRemaining")?["message"]?.string
          == "Some content in the namespace has finalizers remaining: test/hold in 1 resource instances"
      }
      _ = try await run.client.patch(.secrets, namespace: "shop", name: "held", ["metadata": ["finalizers": .null]])
      await run.wait(.namespaces, "gone") { !$0.contains { $0.name == "shop" } }
      #expect(!run.api.objects(.configMaps).contains { $0.namespace == "shop" })
    }
  }
}
