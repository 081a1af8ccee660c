package import JSONTree

/// JSON Patch (RFC 6902). Messages are those of the library upstream uses.
package struct JSONPatch: Sendable {
  struct Operation: Sendable {
    var kind: String
    var path: JSONPointer?
    var from: JSONPointer?
    /// `nil` where the operation has none.
    var value: JSON?
  }

  /// The most operations upstream accepts in one patch.
  package static let operationLimit = 10_000
  /// The most bytes that upstream lets all copies of one patch add up to.
  package static let copyLimit = 3 << 20
  let operations: [Operation]

  /// Reads the list of operations.
  package init(_ document: JSON) throws(KubernetesAPIError) {
    guard case .array(let items) = document else {
      throw KubernetesAPIError(
        .invalidPatch,
        "error decoding patch: json: cannot unmarshal \(document.typeName) into Go value of type jsonpatch.Patch")
    }
    guard items.count <= Self.operationLimit else {
      throw KubernetesAPIError(
        .patchTooLarge,
        "The allowed maximum operations in a JSON patch is \(Self.operationLimit), got \(items.count)")
    }
    var operations: [Operation] = []
    operations.reserveCapacity(items.count)
    for item in items {
      guard case .object(let members) = item else {
        throw KubernetesAPIError(
          .invalidPatch,
          "error decoding patch: json: cannot unmarshal \(item.typeName) into Go value of type jsonpatch.Operation")
      }
      operations.append(
        Operation(
          kind: members["op"]?.string ?? "unknown", path: members["path"]?.string.map(JSONPointer.init),
          from: members["from"]?.string.map(JSONPointer.init), value: members["value"]))
    }
    self.operations = operations
  }

  /// The document after all operations; the first that does not apply is thrown.
  package func apply(to document: JSON) throws(KubernetesAPIError) -> JSON {
    var document = document
    var copied = 0
    for operation in operations { try operation.apply(to: &document, copied: &copied) }
    return document
  }
}

extension JSONPatch.Operation {
  /// `copied` counts the bytes that copies have added so far.
  fileprivate func apply(to document: inout JSON, copied: inout Int) throws(KubernetesAPIError) {
    guard ["add", "remove", "replace", "move", "test", "copy"].contains(kind) else {
      throw .inapplicable("Unexpected kind: \(kind)")
    }
    guard let path else { throw .missing("\(kind) operation failed to decode path") }
    switch kind {
    case "add":
      try document.insert(
        value ?? .null, at: path,
        asAbsent: "add operation does not apply: doc is missing path: "
          + path.text.goQuoted, context: "error in add for path: '\(path.text)'")
    case "remove": try remove(path, from: &document)
    case "replace": try replace(path, in: &document)
    case "test": try test(path, in: document)
    default:
      guard let from else { throw .missing("\(kind) operation failed to decode from") }
      if kind == "move" { return try move(from, to: path, in: &document) }
      try copy(from, to: path, in: &document, copied: &copied)
    }
  }

  private func remove(_ path: JSONPointer, from document: inout JSON) throws(KubernetesAPIError) {
    guard !path.isRoot, document.hasContainer(of: path) else {
      throw .missing("remove operation does not apply: doc is missing path: \(path.text.goQuoted)")
    }
    try document.removeValue(at: path, context: "error in remove for path: '\(path.text)'")
  }

  private func replace(_ path: JSONPointer, in document: inout JSON) throws(KubernetesAPIError) {
    if path.isRoot {
      document = value ?? .null
      return
    }
    guard document.hasContainer(of: path) else {
      throw .missing("replace operation does not apply: doc is missing path: \(path.text)")
    }
    guard (try? document.value(at: path)) != nil else {
      throw .missing("replace operation does not apply: doc is missing key: \(path.text)")
    }
    try document.setValue(value ?? .null, at: path)
  }

  private func test(_ path: JSONPointer, in document: JSON) throws(KubernetesAPIError) {
    guard path.isRoot || document.hasContainer(of: path) else {
      throw .missing("test operation does not apply: is missing path: \(path.text)")
    }
    let found: JSON?
    do {
      found = path.isRoot ? document : try document.value(at: path)
    } catch {
      guard error.code == .inapplicablePatch, value == nil || value == .null else {
        throw .inapplicable("error in test for path: '\(path.text)': \(error.message)")
      }
      found = nil
    }
    guard (found ?? .null) == (value ?? .null) else {
      throw .inapplicable("testing value \(path.text) failed: test failed")
    }
  }

  private func move(_ from: JSONPointer, to path: JSONPointer, in document: inout JSON) throws(KubernetesAPIError) {
    guard !from.isRoot, document.hasContainer(of: from) else {
      throw .missing("move operation does not apply: doc is missing from path: \(from.text)")
    }
    let context = "error in move for path: '\(from.tokens.last ?? "")'"
    let value: JSON
    do {
      value = try document.value(at: from)
    } catch {
      throw .inapplicable("\(context): \(error.message)")
    }
    try document.removeValue(at: from, context: context)
    try document.insert(
      value, at: path, asAbsent: "move operation does not apply: doc is missing destination path: \(path.text)",
      context: "error in move for path: '\(path.text)'")
  }

  private func copy(
    _ from: JSONPointer, to path: JSONPointer, in document: inout JSON, copied: inout Int
  ) throws(KubernetesAPIError) {
    guard from.isRoot || document.hasContainer(of: from) else {
      throw .missing("copy operation does not apply: doc is missing from path: \(from.text)")
    }
    let value: JSON
    do {
      value = from.isRoot ? document : try document.value(at: from)
    } catch {
      throw .inapplicable("error in copy for from: '\(from.text)': \(error.message)")
    }
    copied += value.encoded().count
    guard copied <= JSONPatch.copyLimit else {
      throw .inapplicable(
        "Unable to complete the copy, the accumulated size increase of copy is \(copied), exceeding the limit "
          + "\(JSONPatch.copyLimit)")
    }
    try document.insert(
      value, at: path, asAbsent: "copy operation does not apply: doc is missing destination path: \(path.text)",
      context: "error while adding value during copy")
  }
}

extension KubernetesAPIError {
  static func inapplicable(_ message: String) -> KubernetesAPIError { .init(.inapplicablePatch, message) }
  static func missing(_ message: String) -> KubernetesAPIError { inapplicable("\(message): missing value") }
}
