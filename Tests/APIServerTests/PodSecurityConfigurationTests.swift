import Foundation
import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

@Suite struct PodSecurityConfigurationTests {
  private static let text = """
    apiVersion: apiserver.config.k8s.io/v1
    kind: AdmissionConfiguration
    plugins:
    - name: PodSecurity
      configuration:
        apiVersion: pod-security.admission.config.k8s.io/v1
        kind: PodSecurityConfiguration
        defaults: {enforce: baseline, warn: restricted, warn-version: v1.30}
        exemptions:
          usernames: [trusted]
          runtimeClasses: [sandboxed]
          namespaces: [free]
    """

  private func configuration(_ text: String) throws -> PodSecurityConfiguration {
    let path = TestServer.temporaryDirectory()
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try PodSecurityConfiguration(path: path)
  }

  private func privileged(_ name: String, _ change: (inout JSON) -> Void = { _ in }) -> JSON {
    var pod = TestObjects.pod(name)
    pod[path: "spec", "containers"] = [["name": "c", "image": "i", "securityContext": ["privileged": true]]]
    change(&pod)
    return pod
  }

  @Test func theFileIsRead() throws {
    let read = try configuration(Self.text)
    #expect(read.defaults.enforce == PodSecurityStandard(.baseline))
    #expect(read.defaults.warn == PodSecurityStandard(.restricted, .minor(30)))
    #expect(read.defaults.audit == PodSecurityStandard(.privileged))
    #expect(read.usernames == ["trusted"] && read.runtimeClasses == ["sandboxed"] && read.namespaces == ["free"])
  }

  @Test(arguments: [
    ("AdmissionConfiguration", "Configuration", "has to be an AdmissionConfiguration"),
    ("name: PodSecurity", "name: Other", "configures the plugin \"Other\""),
    ("enforce: baseline", "enforce: strict", "defaults.enforce: Invalid value: \"strict\": must be one of"),
    ("warn-version: v1.30", "warn-version: x", "defaults.warn-version: Invalid value: \"x\": must be \"latest\""),
    ("[free]", "[free, free]", "exemptions.namespaces[1]: Duplicate value: \"free\""),
    ("[free]", "[Free]", "exemptions.namespaces[0]: Invalid value: \"Free\""),
    ("[trusted]", "['']", "exemptions.usernames[0]: Required value"),
    ("kind: PodSecurityConfiguration", "kind: Other", "has to be a PodSecurityConfiguration"),
  ]) func brokenFilesAreRefused(_ part: String, _ other: String, _ message: String) {
    let text = Self.text.replacing(part, with: other)
    let error = #expect(throws: APIServerError.self) { try configuration(text) }
    #expect(error?.code == .admission && error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func whoIsExemptIsLeftAlone() async throws {
    let settings = try configuration(Self.text)
    let server = try await TestServer { $0.podSecurity = settings }
    let space = try await server.namespace()
    // Without labels the defaults hold.
    let refused = try await space.create(.pods, privileged("a"))
    #expect(refused.code == 403 && refused.text.contains("violates PodSecurity \\\"baseline:latest\\\""), "\(refused)")
    let warned = try await space.create(.pods, TestObjects.pod("b"))
    #expect(warned.warnings.contains { $0.contains("would violate PodSecurity") && $0.contains("restricted:v1.30") })
    // Labels come before them.
    _ = try await server.patch(
      "/api/v1/namespaces/\(space.name)", ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": "privileged"]]]
    ).object()
    #expect(try await space.create(.pods, privileged("a")).code == 201)

    let other = try await server.namespace()
    #expect(try await other.create(.pods, privileged("c")).code == 403)
    var trusted = server
    trusted.user = User(name: "trusted", groups: ["system:masters", "system:authenticated"])
    let byUser = try await trusted.post(other.path(.pods), privileged("c"))
    #expect(byUser.code == 201 && byUser.warnings.isEmpty)
    _ = try await server.post(
      "/apis/node.k8s.io/v1/runtimeclasses", ["metadata": ["name": "sandboxed"], "handler": "sandboxed"]
    ).object(201)
    let byClass = try await other.create(.pods, privileged("d") { $0[path: "spec", "runtimeClassName"] = "sandboxed" })
    #expect(byClass.code == 201, "\(byClass)")

    let made = try await server.post(
      "/api/v1/namespaces",
      ["metadata": ["name": "free", "labels": ["pod-security.kubernetes.io/enforce": "restricted"]]])
    #expect(
      made.warnings == [
        #"299 - "namespace \"free\" is exempt from Pod Security, and the policy (enforce=restricted:latest) will be ignored""#
      ])
    let free = TestNamespace(server: server, name: "free")
    _ = try await free.create(.serviceAccounts, TestObjects.serviceAccount("default")).object(201)
    let byNamespace = try await free.create(.pods, privileged("e"))
    #expect(byNamespace.code == 201 && byNamespace.warnings.isEmpty)
  }
}
