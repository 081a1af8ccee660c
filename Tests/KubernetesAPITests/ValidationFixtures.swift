import JSONTree

@testable import KubernetesAPI

/// Objects that are in order, for tests to spoil, and the messages about them.
enum ValidationFixtures {
  static func pod(_ change: (inout JSON) -> Void = { _ in }) -> JSON {
    prepared(
      [
        "metadata": ["name": "web", "namespace": "default"],
        "spec": ["containers": [["name": "c", "image": "nginx"]]],
      ], .pods, change)
  }

  static func service(_ change: (inout JSON) -> Void = { _ in }) -> JSON {
    prepared(
      [
        "metadata": ["name": "web", "namespace": "default"],
        "spec": ["ports": [["port": 80]], "selector": ["app": "web"]],
      ], .services, change)
  }

  static func deployment(_ change: (inout JSON) -> Void = { _ in }) -> JSON {
    prepared(
      [
        "metadata": ["name": "web", "namespace": "default"],
        "spec": [
          "selector": ["matchLabels": ["app": "web"]],
          "template": [
            "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "c", "image": "nginx"]]],
          ],
        ],
      ], .deployments, change)
  }

  /// Changes an object as a user would, and fills its defaults as the server does.
  static func prepared(_ object: JSON, _ kind: ResourceKind, _ change: (inout JSON) -> Void) -> JSON {
    var object = object
    change(&object)
    Defaulting().apply(to: &object, kind: kind)
    return object
  }

  static func messages(_ object: JSON, _ kind: ResourceKind) -> [String] {
    ObjectValidation.faults(creating: object, kind: kind).map(\.description)
  }

  static func messages(_ old: JSON, _ new: JSON, _ kind: ResourceKind) -> [String] {
    ObjectValidation.faults(updating: old, to: new, kind: kind).map(\.description)
  }
}
