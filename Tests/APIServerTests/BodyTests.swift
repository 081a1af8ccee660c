import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@Suite struct BodyTests {
  private func post(_ text: String, as type: String = "application/json") async throws -> (TestNamespace, Answer) {
    let space = try await TestServer.shared.namespace()
    let answer = try await space.server.send(
      .post, space.path(.configMaps), body: Array(text.utf8), headers: [.contentType: type])
    return (space, answer)
  }

  @Test(arguments: [
    "{", "{\"metadata\": }", "nonsense", "{} {}", "{\"a\": 01}", "\"\\ud800\"", "[1,2", "{\"a\":\"\u{1}\"}",
  ])
  func malformedJSONIsRefused(text: String) async throws {
    let (_, answer) = try await post(text)
    let status = try answer.object(400)
    #expect(status["reason"] == "BadRequest")
    #expect(status["message"]?.string?.hasPrefix("couldn't get version/kind; json parse error: ") == true)
  }

  @Test(arguments: ["a: [1, 2", "a: b: c", "\tb: 1", "- x", "just text"])
  func malformedYAMLIsRefused(text: String) async throws {
    let (_, answer) = try await post(text, as: "application/yaml")
    let status = try answer.object(400)
    #expect(status["reason"] == "BadRequest" && status["message"]?.string?.isEmpty == false)
  }

  @Test func whatIsNoObjectIsRefused() async throws {
    for text in ["[]", "1", "null", "\"a\""] {
      #expect(try await post(text).1.object(400)["reason"] == "BadRequest", "\(text)")
    }
  }

  @Test func invalidUTF8IsRefused() async throws {
    let space = try await TestServer.shared.namespace()
    let body = Array("{\"metadata\":{\"name\":\"".utf8) + [0xff, 0xfe] + Array("\"}}".utf8)
    let answer = try await space.server.send(
      .post, space.path(.configMaps), body: body, headers: [.contentType: "application/json"])
    #expect(try answer.object(400)["reason"] == "BadRequest")
  }

  @Test func deepNestingIsRefused() async throws {
    let depth = 10_000
    let json = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
    #expect(try await post(json).1.object(400)["reason"] == "BadRequest")
    let yaml = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(try await post("a: \(yaml)", as: "application/yaml").1.object(400)["reason"] == "BadRequest")
  }

  @Test func anEmptyBodyIsRefused() async throws {
    let (_, answer) = try await post("")
    #expect(try answer.object(400)["reason"] == "BadRequest")
  }

  @Test func anUnknownFormatIsNamed() async throws {
    let (_, answer) = try await post("a", as: "text/csv")
    let status = try answer.object(415)
    #expect(status["reason"] == "UnsupportedMediaType")
    #expect(status["message"]?.string?.contains("application/json") == true)
  }

  @Test func yamlIsReadAsGoReadsIt() async throws {
    let (space, answer) = try await post(
      """
      # A comment.
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: a
        labels: {app: web}
      data:
        text: |
          one
          two
        quoted: "5"
        anchor: &x yes-man
        alias: *x
      """, as: "application/yaml")
    let made = try answer.object(201)
    #expect(made["data"] == ["text": "one\ntwo\n", "quoted": "5", "anchor": "yes-man", "alias": "yes-man"])
    #expect(made.labels == ["app": "web"])
    #expect(try await space.get(.configMaps, "a").object() == made)
    let (_, wrong) = try await post(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: 5}\n", as: "application/yaml")
    try wrong.refused(
      400, "BadRequest",
      "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field "
        + "data.x of type string")
  }

  @Test func yamlIsValidatedStrictlyToo() async throws {
    let space = try await TestServer.shared.namespace()
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nextra: 1\ndata: {x: a}\n"
    let answer = try await space.server.send(
      .post, space.path(.configMaps) + "?fieldValidation=Strict", body: Array(text.utf8),
      headers: [.contentType: "application/yaml"])
    try answer.refused(
      400, "BadRequest",
      "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"extra\"")
  }

  @Test func aYAMLBombDoesNotExplode() async throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(list)]\n"
    }
    let (_, answer) = try await post(text, as: "application/yaml")
    try answer.refused(
      400, "BadRequest", "error converting YAML to JSON: yaml: document contains excessive aliasing")
  }

  @Test func prettyIsIndented() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let plain = try await space.get(.configMaps, "a")
    let pretty = try await space.server.get(space.path(.configMaps, "a") + "?pretty=true")
    #expect(try plain.object() == pretty.object())
    #expect(plain.text.split(separator: "\n").count == 1 && pretty.text.split(separator: "\n").count > 5)
  }
}
