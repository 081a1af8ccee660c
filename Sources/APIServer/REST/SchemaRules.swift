import JSONTree
import KubernetesAPI

/// The schema tables' part in a write: types and unknown fields, defaults, validation, patch strategies.
enum SchemaRules {
  /// Fits a tree to its schema. Returns the warnings for the client; throws 400 for what strict validation refuses.
  static func fit(
    _ tree: inout JSON, written: JSON? = nil, complaints: [String] = [], kind: ResourceKind,
    validation: FieldValidation
  ) throws(APIStatus) -> [String] {
    do {
      return try decode(
        &tree, written: written, complaints: complaints, kind: kind, validation: validation)
    } catch {
      throw .badRequest(error.message)
    }
  }

  static func decode(
    _ tree: inout JSON, written: JSON? = nil, complaints: [String], kind: ResourceKind, validation: FieldValidation
  ) throws(ObjectDecodingError) -> [String] {
    let decoded = try ObjectDecoder().decode(
      tree, as: kind, validation: validation, written: written, complaints: complaints)
    tree = decoded.object
    return decoded.complaints
  }

  /// A specification that is left out is an empty one, as in Go.
  static func applyDefaults(_ tree: inout JSON, kind: ResourceKind) {
    if tree["spec"] == nil, case .message? = SchemaRegistry.shared.schema(for: kind)?["spec"]?.type {
      tree["spec"] = [:]
    }
    Defaulting().apply(to: &tree, kind: kind)
  }

  static func faults(of tree: JSON, replacing old: JSON?, kind: ResourceKind, subresource: String) -> [APIStatus.Cause]
  {
    let faults =
      if let old {
        ObjectValidation.faults(
          updating: old, to: tree, kind: kind, subresource: subresource.isEmpty ? nil : subresource)
      } else {
        ObjectValidation.faults(creating: tree, kind: kind)
      }
    return faults.map(APIStatus.Cause.init)
  }

  static func patchSchema(_ kind: ResourceKind) -> (any PatchSchema)? { SchemaRegistry.shared.patchSchema(for: kind) }
}
