package import JSONTree

/// Objects as the server-side tables that `kubectl get` prints (`meta.k8s.io/v1` Table).
package struct ObjectTable: Sendable {
  /// What each row carries besides its cells.
  package enum IncludedObject: String, Sendable {
    case none = "None"
    case metadata = "Metadata"
    case object = "Object"
  }

  let kind: ResourceKind
  let now: Timestamp
  let includes: IncludedObject
  let version: String

  /// - Parameters:
  ///   - now: The time that ages count from.
  ///   - includes: The request's `includeObject`.
  ///   - version: Of `meta.k8s.io`, as the client asked: `v1` or `v1beta1`.
  package init(
    of kind: ResourceKind, now: Timestamp, including includes: IncludedObject = .metadata, version: String = "v1"
  ) {
    self.kind = kind
    self.now = now
    self.includes = includes
    self.version = version
  }

  private var layout: TableLayout { TableLayout.layouts[kind.schemaName] ?? .plain }

  /// The columns, in the order of the cells.
  package var columns: [TableColumn] { layout.columns }

  /// The table.
  /// - Parameters:
  ///   - metadata: The list's: resource version, continuation.
  ///   - withColumns: A watch sends the definitions with its first event only.
  package func table(_ objects: [JSON], metadata: JSON = [:], withColumns: Bool = true) -> JSON {
    let layout = layout
    let rows = objects.map { row($0, layout) }
    return [
      "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
      "columnDefinitions": withColumns ? .array(layout.columns.map(\.definition)) : .null, "rows": .array(rows),
    ]
  }

  private func row(_ object: JSON, _ layout: TableLayout) -> JSON {
    var row: JSON = ["cells": .array(layout.cells(object, now))]
    let phase = kind == .pods ? object.status["phase"]?.string : nil
    if phase == "Succeeded" || phase == "Failed" {
      row["conditions"] = [
        [
          "type": "Completed", "status": "True", "reason": .string(phase ?? ""),
          "message": phase == "Failed" ? "The pod failed." : "The pod has completed successfully.",
        ]
      ]
    }
    switch includes {
    case .none: break
    case .object: row["object"] = object
    case .metadata:
      row["object"] = [
        "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": object.metadata,
      ]
    }
    return row
  }
}
