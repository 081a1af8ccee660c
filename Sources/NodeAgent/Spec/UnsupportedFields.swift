package import JSONTree
import KubernetesAPI

/// Fields of a pod that this agent does not carry out. A pod that sets one stays Pending with an event that names it,
/// because a container that runs without what its author asked for is worse than one that does not run.
package enum UnsupportedFields {
  /// What the agent does with a field. One that is in no table counts as unsupported.
  package enum Treatment: Sendable, Hashable {
    case supported
    /// Carried out by the API server, the scheduler or the controllers.
    case elsewhere
    /// Carried out but for what the tables of its own message say.
    case partly
    /// Carried out, or asking for nothing, with these values only.
    case only(Set<String>)
    /// Without effect on a Linux node by its definition.
    case noEffect
    case unsupported
  }

  /// The paths of what the pod sets and the agent does not carry out, in the order of the pod's own text.
  package static func found(in pod: JSON) -> [String] {
    guard let schema = SchemaRegistry.shared.message("io.k8s.api.core.v1.PodSpec") else { return ["spec"] }
    return found(in: pod.spec, schema, at: "spec")
  }

  private static func found(in value: JSON, _ schema: MessageSchema, at path: String) -> [String] {
    var result: [String] = []
    for member in value.object?.members ?? [] where !member.value.isNull {
      let place = "\(path).\(member.key)"
      switch tables[schema.shortName]?[member.key] ?? .unsupported {
      case .supported, .elsewhere, .noEffect: continue
      case .only(let values):
        let text = member.value.string ?? member.value.description
        if !text.isEmpty, !values.contains(text) { result.append(place) }
      case .unsupported:
        // A volume may be chosen by an empty object; elsewhere that asks for nothing.
        if isSet(member.value) || schema.shortName == "Volume" { result.append(place) }
      case .partly:
        guard let field = schema[member.key], let child = SchemaRegistry.shared.message(of: field.type) else {
          result.append(place)
          continue
        }
        guard let items = member.value.array else {
          result += found(in: member.value, child, at: place)
          continue
        }
        for (index, item) in items.enumerated() { result += found(in: item, child, at: "\(place)[\(index)]") }
      }
    }
    return result
  }

  /// Whether a value asks for anything: an empty list, an empty text, zero or `false` is what its absence means.
  private static func isSet(_ value: JSON) -> Bool {
    switch value {
    case .null, .bool(false), .int(0): false
    case .array(let items): !items.isEmpty
    case .string(let text): !text.isEmpty
    case .object(let object): !object.isEmpty
    default: true
    }
  }
}
