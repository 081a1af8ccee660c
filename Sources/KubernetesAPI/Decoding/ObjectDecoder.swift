package import JSONTree

/// What `fieldValidation` asks for: what happens to fields the schema does not know and to repeated ones.
package enum FieldValidation: String, Sendable, CaseIterable {
  /// Dropped in silence.
  case ignore = "Ignore"
  /// Dropped, and the client is warned.
  case warn = "Warn"
  /// The request is refused.
  case strict = "Strict"
}

/// Why an object does not fit its schema.
package struct ObjectDecodingError: Error, Hashable, CustomStringConvertible {
  /// The whole message, as the API server words it.
  package let message: String
  /// The same without what it was that could not be handled.
  package let reason: String

  package init(message: String) {
    self.message = message
    reason = message
  }

  init(subject: String, reason: String) {
    message = "\(subject): \(reason)"
    self.reason = reason
  }

  package var description: String { message }
}

/// An object that fits its schema.
package struct DecodedObject: Sendable {
  package var object: JSON
  /// `unknown field "spec.foo"`, `duplicate field "spec.bar"`: warnings where the validation is
  /// ``FieldValidation/warn``.
  package var complaints: [String]
}

/// Fits parsed trees to their schema: checks types, drops nulls and unknown fields, and tells what it dropped.
package struct ObjectDecoder: Sendable {
  package let registry: SchemaRegistry

  package init(registry: SchemaRegistry = .shared) { self.registry = registry }

  /// Fits `tree` to `kind`.
  /// - Parameters:
  ///   - written: The tree with its repeated members, where there are any: it is judged in `tree`'s place.
  ///   - complaints: What else is wrong with the text the tree was read from.
  /// - Throws: ``ObjectDecodingError`` for a value of the wrong type, and for any complaint where `validation` is
  ///   strict.
  package func decode(
    _ tree: consuming JSON, as kind: ResourceKind, validation: FieldValidation, written: JSON? = nil,
    complaints: [String] = []
  ) throws(ObjectDecodingError) -> DecodedObject {
    guard let schema = registry.schema(for: kind) else {
      throw ObjectDecodingError(message: "no schema is known for \(kind.apiVersion) \(kind.kind)")
    }
    return try decode(
      tree, as: schema, validation: validation, written: written, complaints: complaints)
  }

  /// Fits `tree` to a schema; see ``decode(_:as:validation:written:complaints:)-(_,ResourceKind,_,_,_)``.
  package func decode(
    _ tree: consuming JSON, as schema: MessageSchema, validation: FieldValidation, written: JSON? = nil,
    complaints: [String] = []
  ) throws(ObjectDecodingError) -> DecodedObject {
    var walk = DecodingWalk(registry: registry)
    var object = consume tree
    let subject =
      "\(schema.shortName) in version \"\(schema.groupVersion.version)\" cannot be handled as a \(schema.shortName)"
    do {
      try walk.visit(&object, message: schema)
      if var written {
        walk = DecodingWalk(registry: registry, notesRepeated: true)
        try walk.visit(&written, message: schema)
      }
    } catch {
      throw ObjectDecodingError(subject: subject, reason: error.message)
    }
    let complaints = complaints + walk.complaints
    if validation == .strict, !complaints.isEmpty {
      throw ObjectDecodingError(
        subject: subject, reason: "strict decoding error: \(complaints.joined(separator: ", "))")
    }
    return DecodedObject(object: object, complaints: validation == .ignore ? [] : complaints)
  }
}
