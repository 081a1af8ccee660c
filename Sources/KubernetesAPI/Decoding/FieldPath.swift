/// A place inside an object, as error messages write it: `spec.containers[0].ports[1].name`, `metadata.labels[app]`.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  private init(description: String) { self.description = description }

  /// The top of the object, or a path of member names below it.
  package init(_ names: String...) { description = names.joined(separator: ".") }

  package static let root = FieldPath()

  package var isRoot: Bool { description.isEmpty }

  /// A member of the object at this path.
  package func child(_ name: String) -> FieldPath {
    FieldPath(description: isRoot ? name : "\(description).\(name)")
  }

  /// An element of the list at this path.
  package subscript(_ index: Int) -> FieldPath { FieldPath(description: "\(description)[\(index)]") }

  /// An entry of the map at this path.
  package subscript(key key: String) -> FieldPath { FieldPath(description: "\(description)[\(key)]") }
}
