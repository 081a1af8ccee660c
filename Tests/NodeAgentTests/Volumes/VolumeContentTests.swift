import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct VolumeContentTests {
  private func files(_ volume: JSON, _ sources: VolumeSources = VolumeSources()) throws -> [String] {
    let pod = testPod { $0[path: "metadata", "labels"] = ["app": "web"] }
    let content = VolumeContent(field: .test(pod), sources: sources)
    return try (content.files(of: volume, index: 0) ?? []).map {
      "\($0.path) \(String($0.mode, radix: 8)) \(String(decoding: $0.content, as: UTF8.self))"
    }
  }

  private var sources: VolumeSources {
    var sources = VolumeSources()
    sources.configMaps["m"] = ["data": ["b": "2", "a": "1"], "binaryData": ["c": "Mw=="]]
    sources.secrets["s"] = ["data": ["key": "c2VjcmV0"]]
    sources.tokens["0.0"] = "token"
    return sources
  }

  /// The mode and the owner of the token of a pod whose containers run as these users.
  private func token(_ users: [JSON?], pod: JSON = [:]) throws -> (UInt32?, UInt32?) {
    let containers = users.enumerated().map { index, user in
      testContainer("c\(index)", user.map { ["securityContext": ["runAsUser": $0]] } ?? [:])
    }
    let pod = testPod(containers: containers) { $0[path: "spec", "securityContext"] = pod }
    let volume: JSON = ["projected": ["defaultMode": 0o644, "sources": [["serviceAccountToken": ["path": "token"]]]]]
    let file = try VolumeContent(field: .test(pod), sources: sources).files(of: volume, index: 0)?.first
    return (file?.mode, file?.owner)
  }

  @Test func aTokenIsForThePodsUserAndGroup() throws {
    #expect(try token([nil]) == (0o644, nil))
    #expect(try token([1000]) == (0o600, 1000))
    #expect(try token([1000, nil]) == (0o644, nil))
    #expect(try token([1000, 2000]) == (0o644, nil))
    #expect(try token([nil, nil], pod: ["runAsUser": 1000]) == (0o600, 1000))
    #expect(try token([2000, nil], pod: ["runAsUser": 1000]) == (0o644, nil))
    #expect(try token([nil], pod: ["fsGroup": 7]) == (0o600, nil))
  }

  @Test func theLeastBoundHoldsInMemory() {
    func limit(_ size: JSON?, _ limits: [JSON?], initial: [JSON?] = []) -> Int64? {
      func containers(_ limits: [JSON?]) -> [JSON] {
        limits.enumerated().map { index, limit in
          testContainer("c\(index)", limit.map { ["resources": ["limits": ["memory": $0]]] } ?? [:])
        }
      }
      var volume: JSON = ["medium": "Memory"]
      volume["sizeLimit"] = size
      return MemorySize.limit(
        of: volume, pod: testPod(initContainers: containers(initial), containers: containers(limits)),
        nodeMemory: 1000)
    }
    #expect(limit(nil, [nil]) == 1000)
    #expect(limit("10", [nil]) == 10)
    #expect(limit("2000", [nil]) == 1000)
    #expect(limit("50", ["20", "10"]) == 30)
    #expect(limit("20", ["20", "10"]) == 20)
    #expect(limit(nil, ["20", nil]) == 1000)
    #expect(limit(nil, ["20"], initial: ["40"]) == 40)
    #expect(limit(nil, ["20"], initial: [nil]) == 1000)
  }

  @Test func aConfigMapIsItsEntries() throws {
    #expect(try files(["configMap": ["name": "m"]], sources) == ["a 644 1", "b 644 2", "c 644 3"])
    #expect(try files(["configMap": ["name": "m", "defaultMode": 0o400]], sources).first == "a 400 1")
    let items: JSON = [["key": "b", "path": "deep/b"], ["key": "a", "path": "x", "mode": 0o600]]
    #expect(try files(["configMap": ["name": "m", "items": items]], sources) == ["deep/b 644 2", "x 600 1"])
  }

  @Test func aSecretIsItsEntries() throws {
    #expect(try files(["secret": ["secretName": "s"]], sources) == ["key 644 secret"])
  }

  @Test func whatMayBeMissingMay() throws {
    #expect(try files(["configMap": ["name": "none", "optional": true]]) == [])
    #expect(try files(["secret": ["secretName": "none", "optional": true]]) == [])
    let items: JSON = [["key": "none", "path": "x"]]
    #expect(try files(["configMap": ["name": "m", "optional": true, "items": items]], sources) == [])
  }

  @Test func whatMustBeThereIsNamed() {
    func message(_ volume: JSON) -> String {
      do {
        _ = try files(volume, sources)
        return "none"
      } catch { return (error as? NodeAgentError)?.message ?? "\(error)" }
    }
    #expect(message(["configMap": ["name": "none"]]) == "configmap \"none\" not found")
    #expect(message(["secret": ["secretName": "none"]]) == "secret \"none\" not found")
    let items: JSON = [["key": "none", "path": "x"]]
    #expect(
      message(["configMap": ["name": "m", "items": items]]) == "configmap references non-existent config key: none")
    #expect(
      message(["secret": ["secretName": "s", "items": items]]) == "references non-existent secret key: none")
  }

  @Test func aProjectionJoinsItsSources() throws {
    let projected: JSON = [
      "defaultMode": 0o640,
      "sources": [
        ["serviceAccountToken": ["path": "token"]],
        ["configMap": ["name": "m", "items": [["key": "a", "path": "ca"]]]],
        ["secret": ["name": "s"]],
        ["downwardAPI": ["items": [["path": "ns", "fieldRef": ["fieldPath": "metadata.namespace"]]]]],
        ["configMap": ["name": "m", "items": [["key": "b", "path": "key"]]]],
      ],
    ]
    // A later source's file replaces an earlier one's.
    #expect(
      try files(["projected": projected], sources) == ["token 640 token", "ca 640 1", "ns 640 default", "key 640 2"])
  }

  @Test func fieldsOfThePod() throws {
    let items: JSON = [
      ["path": "labels", "fieldRef": ["fieldPath": "metadata.labels"]],
      ["path": "cpu", "mode": 0o444, "resourceFieldRef": ["containerName": "main", "resource": "limits.cpu"]],
    ]
    #expect(try files(["downwardAPI": ["items": items]]) == ["labels 644 app=\"web\"", "cpu 444 4"])
  }

  @Test(arguments: ["../x", "/etc/passwd", "a/../../x", "..data", "a//b", ""])
  func aPathThatLeavesTheVolumeIsRefused(_ path: String) {
    let items: JSON = [["key": "a", "path": .string(path)]]
    #expect(throws: NodeAgentError.self) { try files(["configMap": ["name": "m", "items": items]], sources) }
  }
}
