import SwitchboardTesting
import Testing

/// The `kubernetes` client from PyPI, as its users use it. The scripts lie in Tests/PythonClient and say what they expect.
@Suite(.serialized) struct ClusterPythonClientTests {
  @Test(arguments: ["typed", "watching", "dynamic_client", "streams"])
  func theScriptPasses(script: String) throws {
    let root = Repository.root
    let output = try SharedLab.session().run(
      ["\(root)/.tools/python/bin/python", "-B", "\(root)/Tests/PythonClient/\(script).py"], seconds: 120)
    #expect(output.code == 0 && output.text.contains("passed:"), "\(output.text)")
  }
}
