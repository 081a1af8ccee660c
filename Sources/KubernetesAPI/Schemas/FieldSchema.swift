package import JSONTree

/// The type of a field, as its JSON and its protobuf form have it.
package indirect enum FieldType: Sendable, Hashable {
  case string
  case int32
  case int64
  case bool
  case double
  /// Base64 text in JSON.
  case bytes
  /// `resource.Quantity`: text in JSON (numbers are read too), a message holding a string in protobuf.
  case quantity
  /// A whole number or a text.
  case intOrString
  /// RFC 3339 with whole seconds.
  case time
  /// RFC 3339 with microseconds.
  case microTime
  /// `runtime.RawExtension`: any object.
  case raw
  /// `meta.v1.FieldsV1`: the set of fields a manager owns; any object.
  case fields
  /// A list of strings that protobuf wraps in a message of its own, as `Verbs` is.
  case strings
  /// Another message, by its full name.
  case message(String)
  case list(FieldType)
  /// A map whose keys are strings.
  case map(FieldType)

  /// The message at the bottom of lists and maps.
  package var messageName: String? {
    switch self {
    case .message(let name): name
    case .list(let element), .map(let element): element.messageName
    default: nil
    }
  }
}

/// How a strategic merge patch treats a field; a field may have several.
package enum PatchStrategy: String, Sendable, Hashable {
  /// A list is merged element by element.
  case merge
  /// The members named in `$retainKeys` stay, the others go.
  case retainKeys
  /// An object is replaced as a whole.
  case replace
}

/// How server-side apply merges a list or a map.
package enum MergeStructure: Sendable, Hashable {
  /// Replaced as a whole.
  case atomic
  /// Merged member by member, although the message says it is atomic.
  case granular
  /// Elements are their own keys.
  case set
  /// Elements are known by the values of these members.
  case map([String])
}

/// What is known of one field of a message.
package struct FieldSchema: Sendable, Hashable {
  /// The member's name in JSON.
  package let name: String
  /// The field's number in protobuf; 0 where the field has no protobuf form (`apiVersion`, `kind`, JSON-only types and
  /// alpha fields whose number is not recorded here).
  package let number: Int
  package let type: FieldType
  package let isRequired: Bool
  /// The value that takes a missing one's place.
  package let defaultValue: JSON?
  /// The values the field may have; empty where any is allowed.
  package let allowedValues: [String]
  /// Empty means that a patch replaces a list and merges an object.
  package let patchStrategies: [PatchStrategy]
  package let patchMergeKey: String?
  package let mergeStructure: MergeStructure?
  package let text: String
  /// Protobuf number of the message this field stands in where Go embeds that message and JSON does not show it
  /// (`Volume` embeds `VolumeSource` as field 2); `nil` for a field of the message itself.
  package let embeddedIn: Int?
}
