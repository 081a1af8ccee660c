import JSONTree
import KubernetesAPI

/// Objects as the rows that `kubectl get` prints.
enum TableRendering {
  static func table(_ objects: [JSON], metadata: JSON, of request: ResourceRequest, version: String) -> JSON {
    let columns: [JSON] = [
      [
        "name": "Name", "type": "string", "format": "name", "description": "Name must be unique within a namespace.",
        "priority": 0,
      ],
      [
        "name": "Age", "type": "string", "format": "", "description": "How long ago the object was made.",
        "priority": 0,
      ],
    ]
    let rows = objects.map { object -> JSON in
      let age = object.creationTimestamp.flatMap { Timestamp($0) }.map { (Timestamp.now - $0).ageText } ?? "<unknown>"
      var row: JSON = ["cells": [.string(object.name), .string(age)]]
      switch request.query.text("includeObject") {
      case "None": break
      case "Object": row["object"] = object
      default: row["object"] = ObjectShaping.partialMetadata(object)
      }
      return row
    }
    return [
      "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
      "columnDefinitions": .array(columns), "rows": .array(rows),
    ]
  }
}
