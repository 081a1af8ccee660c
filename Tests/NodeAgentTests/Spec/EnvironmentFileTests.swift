import ContainerRuntime
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct EnvironmentFileTests {
  private static let text = """
    # What the first container found out.
    A='one'
      B='two' # of a few

    C='several
    lines # of = text'
    D= 'nothing'
    A='again'
    """

  @Test(
    arguments: [
      ("A", "one"), ("B", "two"), ("C", "several\nlines # of = text"), ("D", ""), ("E", nil),
    ] as [(String, String?)])
  func valuesStandInQuotes(_ name: String, _ value: String?) throws {
    #expect(try EnvironmentFile.value(of: name, in: Self.text) == value)
  }

  @Test func linesMayEndAsWindowsDoes() throws {
    #expect(try EnvironmentFile.value(of: "B", in: "A='1'\r\nB='2'\r\n") == "2")
  }

  @Test(
    arguments: [
      ("A", "at line 1: missing '='"), ("A = '1'", "at line 1: whitespace before '=' is not allowed"),
      ("\n='1'", "at line 2: empty variable name"), ("A=1", "at line 1: value must be enclosed in single quotes"),
      ("A='1' 2", "at line 1: unexpected content after closing quote"),
      ("B='2'\nA='1\n", "starting at line 2: unclosed single quote"),
    ])
  func whatIsWrongIsSaid(_ text: String, _ message: String) {
    let error = #expect(throws: NodeAgentError.self) { try EnvironmentFile.value(of: "X", in: text) }
    #expect(error?.message == "couldn't parse env file: invalid environment variable format \(message)")
  }

  @Test func whatFollowsTheVariableIsNotLookedAt() throws {
    #expect(try EnvironmentFile.value(of: "A", in: "A='1'\nnonsense") == "1")
  }

  private func variables(_ reference: JSON) throws -> [String: String] {
    var builder = EnvironmentBuilder(
      field: DownwardField(
        pod: testPod(), nodeName: "n", hostAddresses: [], podAddresses: [], allocatableMilliCPU: 1,
        allocatableMemory: 1), services: [], configMaps: [:], secrets: [:])
    builder.file = { volume, path in volume == "v" && path == "a/b.env" ? "KEY='value'" : nil }
    let container = testContainer("main", ["env": [["name": "X", "valueFrom": ["fileKeyRef": reference]]]])
    return Dictionary(uniqueKeysWithValues: try builder.variables(for: container).map { ($0.key, $0.value) })
  }

  @Test func aVariableMayComeFromAFile() throws {
    #expect(try variables(["volumeName": "v", "path": "a/b.env", "key": "KEY"]) == ["X": "value"])
    for (path, key) in [("a/b.env", "OTHER"), ("none", "KEY")] {
      let reference: JSON = ["volumeName": "v", "path": .string(path), "key": .string(key)]
      #expect(throws: NodeAgentError.self) { try variables(reference) }
      var optional = reference
      optional["optional"] = true
      #expect(try variables(optional) == [:])
    }
  }
}
