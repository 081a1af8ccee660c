import JSONTree
import KubernetesAPI

/// The label that tells the pods of one revision from another's.
enum PodTemplateHash {
  static let label = "pod-template-hash"

  /// A hash over the template's members in alphabetical order, written in letters that make no words. `collisions`
  /// gives another one where two templates meet in one.
  static func of(_ template: JSON, collisions: Int64?) -> String {
    let text = canonical(template).encoded() + Array((collisions.map { String($0) } ?? "").utf8)
    return GeneratedName.safeEncoded(String(FNV1a.hash32(text)))
  }

  private static func canonical(_ value: JSON) -> JSON {
    switch value {
    case .object(let object):
      let members = object.members.filter { !$0.value.isNull }.sorted { $0.key < $1.key }
      return .object(JSONObject(members: members.map { .init(key: $0.key, value: canonical($0.value)) }))
    case .array(let elements): return .array(elements.map(canonical))
    default: return value
    }
  }

  /// Whether a set's template is the Deployment's, but for the hash.
  static func isSame(_ setTemplate: JSON, _ template: JSON) -> Bool {
    withoutHash(setTemplate) == withoutHash(template)
  }

  private static func withoutHash(_ template: JSON) -> JSON {
    var template = template
    template[path: "metadata", "labels", label] = nil
    for keys in [["metadata", "labels"], ["metadata"]] where template[path: keys]?.object?.isEmpty ?? false {
      template[path: keys] = nil
    }
    template[path: "metadata", "creationTimestamp"] = nil
    return template
  }
}
