import JSONTree

/// What OpenAPI v3 says, said in v2.
enum OpenAPIv2Form {
  /// A schema without its defaults, which v2's readers take for values that were given.
  static func schema(_ schema: JSON) -> JSON {
    guard let members = schema.object?.members else { return schema }
    var result = JSONObject()
    for member in members {
      switch member.key {
      case "default": continue
      // v2 knows no choice of types: text takes whatever one writes.
      case "oneOf": result["type"] = "string"
      case "allOf": result["$ref"] = member.value.items.first?["$ref"]?.string.map { .string(renamed($0)) }
      case "$ref": result["$ref"] = member.value.string.map { .string(renamed($0)) }
      case "properties":
        result["properties"] = .object(
          JSONObject(
            members: (member.value.object?.members ?? []).map { .init(key: $0.key, value: self.schema($0.value)) }))
      case "items", "additionalProperties": result[member.key] = self.schema(member.value)
      default: result[member.key] = member.value
      }
    }
    return .object(result)
  }

  private static func renamed(_ reference: String) -> String {
    reference.replacing("#/components/schemas/", with: "#/definitions/")
  }

  // MARK: Paths

  static func pathItem(_ item: JSON) -> JSON {
    var result = JSONObject()
    for member in item.object?.members ?? [] {
      result[member.key] =
        member.key == "parameters"
        ? .array(member.value.items.map(parameter)) : operation(member.value)
    }
    return .object(result)
  }

  private static let answers: JSON = [
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
  ]
  private static let streams: JSON = [
    "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch",
  ]

  private static func operation(_ operation: JSON) -> JSON {
    var result = operation
    result["requestBody"] = nil
    result["responses"] = nil
    let body = operation["requestBody"]
    let types = body?["content"]?.object?.keys ?? []
    result["consumes"] = types.isEmpty ? ["*/*"] : .array(types.map(JSON.string))
    let lists = operation["x-kubernetes-action"] == "list"
    result["produces"] = .array(answers.items + (lists ? streams.items : []))
    result["schemes"] = ["https"]
    var parameters = (operation["parameters"]?.items ?? []).map(parameter)
    if let body, let media = body["content"]?.object?.members.first?.value, let schema = media["schema"] {
      var parameter: JSON = ["name": "body", "in": "body", "schema": self.schema(schema)]
      if body["required"] == true { parameter["required"] = true }
      parameters.insert(parameter, at: 0)
    }
    result["parameters"] = parameters.isEmpty ? nil : .array(parameters)
    result["responses"] = .object(
      JSONObject(
        members: (operation["responses"]?.object?.members ?? []).map { .init(key: $0.key, value: response($0.value)) }))
    return result
  }

  /// A parameter's type stands beside its name.
  private static func parameter(_ parameter: JSON) -> JSON {
    var result = parameter
    result["schema"] = nil
    for member in parameter["schema"]?.object?.members ?? [] { result[member.key] = member.value }
    return result
  }

  private static func response(_ response: JSON) -> JSON {
    var result: JSON = ["description": response["description"] ?? ""]
    if let schema = response["content"]?.object?.members.first?.value["schema"] {
      result["schema"] = self.schema(schema)
    }
    return result
  }
}
