package import JSONTree

/// A column of the tables that `kubectl get` prints.
package struct TableColumn: Hashable, Sendable {
  package let name: String
  package let type: String
  package let format: String
  package let text: String
  /// 0 for columns that are always shown, 1 for those of `-o wide`.
  package let priority: Int

  init(_ name: String, type: String = "string", format: String = "", wide: Bool = false, _ text: String) {
    self.name = name
    self.type = type
    self.format = format
    self.text = text
    priority = wide ? 1 : 0
  }

  static let name = TableColumn("Name", format: "name", "The object's name.")
  static let age = TableColumn("Age", "How long ago the object was made.")
  static let containers = TableColumn("Containers", wide: true, "Names of the containers in the template.")
  static let images = TableColumn("Images", wide: true, "Images of the containers in the template.")
  static let selector = TableColumn("Selector", wide: true, "Which pods belong to the object.")

  /// An entry of `columnDefinitions`.
  package var definition: JSON {
    [
      "name": .string(name), "type": .string(type), "format": .string(format), "description": .string(text),
      "priority": .int(Int64(priority)),
    ]
  }
}

/// How the objects of one kind are shown: columns, and the cells of a row.
struct TableLayout: Sendable {
  let columns: [TableColumn]
  /// One cell per column; the second argument is the time that ages count from.
  let cells: @Sendable (JSON, Timestamp) -> [JSON]

  /// For kinds without a layout of their own.
  static let plain = TableLayout(columns: [.name, .age]) { object, now in
    [.string(object.name), .string(object.age(now))]
  }
}
