import JSONTree

/// The parameters of operations.
enum OpenAPIParameters {
  static let namespace = parameter("namespace", "The namespace of the objects.", type: "string", in: "path")
  static let pretty = parameter("pretty", "Indent the answer.", type: "string")

  static func name(of kind: String) -> JSON {
    parameter("name", "The name of the \(kind).", type: "string", in: "path")
  }

  private static let dryRun = parameter("dryRun", "All: do everything but keep the change.", type: "string")
  private static let fieldManager = parameter("fieldManager", "Who makes the change.", type: "string")
  private static let fieldValidation = parameter(
    "fieldValidation", "What becomes of unknown and repeated fields: Ignore, Warn or Strict.", type: "string")
  private static let force = parameter("force", "Take over fields that others manage (apply only).", type: "boolean")

  private static let selection: [JSON] = [
    parameter("allowWatchBookmarks", "Send bookmarks with the current resource version.", type: "boolean"),
    parameter("continue", "Where the last page ended.", type: "string"),
    parameter("fieldSelector", "Which fields' values to select by.", type: "string"),
    parameter("labelSelector", "Which labels to select by.", type: "string"),
    parameter("limit", "The most objects to answer with.", type: "integer"),
    parameter("resourceVersion", "How new the answer must be.", type: "string"),
    parameter("resourceVersionMatch", "How resourceVersion is meant.", type: "string"),
    parameter("sendInitialEvents", "Begin a watch with the objects there are.", type: "boolean"),
    parameter("timeoutSeconds", "How long the request may last.", type: "integer"),
  ]
  private static let watch = parameter("watch", "Answer with changes as they happen.", type: "boolean")

  private static let deletion: [JSON] = [
    parameter("gracePeriodSeconds", "Seconds until the object is gone.", type: "integer"),
    parameter("orphanDependents", "Outdated: use propagationPolicy.", type: "boolean"),
    parameter("propagationPolicy", "What becomes of dependents: Orphan, Background or Foreground.", type: "string"),
  ]

  static func parameters(of action: OpenAPIPaths.Action) -> [JSON] {
    switch action {
    case .list: selection + [watch]
    case .read: []
    case .create, .replace: [dryRun, fieldManager, fieldValidation]
    case .patch: [dryRun, fieldManager, fieldValidation, force]
    case .delete: [dryRun] + deletion
    case .deleteCollection: [dryRun] + selection + deletion
    }
  }

  private static func parameter(_ name: String, _ text: String, type: String, in place: String = "query") -> JSON {
    var parameter: JSON = ["name": .string(name), "in": .string(place), "description": .string(text)]
    if place == "path" { parameter["required"] = true }
    parameter["schema"] = ["type": .string(type), "uniqueItems": true]
    return parameter
  }
}
