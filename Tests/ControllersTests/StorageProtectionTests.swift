import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

@Suite struct StorageProtectionTests {
  private let run = ControllerRun()

  private func put(_ kind: ResourceKind, _ name: String, _ finalizer: String, phase: String) {
    run.api.put(
      kind,
      [
        "metadata": [
          "name": .string(name), "namespace": kind.isNamespaced ? "default" : .null,
          "finalizers": [.string("kubernetes.io/\(finalizer)")],
        ], "status": ["phase": .string(phase)],
      ])
  }

  private func pod(_ name: String, claim: String, node: String) -> JSON {
    [
      "metadata": ["name": .string(name), "namespace": "default"],
      "spec": [
        "nodeName": .string(node), "containers": [["name": "c", "image": "i"]],
        "volumes": [["name": "v", "persistentVolumeClaim": ["claimName": .string(claim)]]],
      ], "status": ["phase": "Running"],
    ]
  }

  @Test func aClaimWaitsForItsPods() async throws {
    for name in ["used", "free"] { put(.persistentVolumeClaims, name, "pvc-protection", phase: "Bound") }
    run.api.put(.pods, pod("p", claim: "used", node: "node-1"))
    try await run([StorageProtectionController(context: run.context)]) {
      for name in ["used", "free"] {
        try await run.client.delete(.persistentVolumeClaims, namespace: "default", name: name)
      }
      await run.wait(.persistentVolumeClaims, "the used one alone") { claims in
        claims.map(\.name) == ["used"] && claims[0].isTerminating
      }
      run.api.remove(.pods, ObjectName(namespace: "default", name: "p"))
      await run.wait(.persistentVolumeClaims, "none") { $0.isEmpty }
    }
  }

  @Test func aVolumeWaitsForItsClaim() async throws {
    put(.persistentVolumes, "bound", "pv-protection", phase: "Bound")
    put(.persistentVolumes, "free", "pv-protection", phase: "Available")
    try await run([StorageProtectionController(context: run.context)]) {
      for name in ["bound", "free"] { try await run.client.delete(.persistentVolumes, name: name) }
      let left = await run.wait(.persistentVolumes, "the bound one alone") { $0.map(\.name) == ["bound"] }
      var released = try #require(left.first)
      released[path: "status", "phase"] = "Released"
      run.api.put(.persistentVolumes, released)
      await run.wait(.persistentVolumes, "none") { $0.isEmpty }
    }
  }

  @Test func podsNameTheirClaims() {
    let pod: JSON = [
      "metadata": ["name": "p"],
      "spec": [
        "volumes": [
          ["name": "a", "persistentVolumeClaim": ["claimName": "c"]], ["name": "b", "ephemeral": [:]],
          ["name": "d", "emptyDir": [:]],
        ]
      ],
    ]
    #expect(StorageProtectionController.claims(of: pod) == ["c", "p-b"])
  }
}
